"""What the 审计日志 needs beside its table: anchors, monthly files, rights, what requests did."""
