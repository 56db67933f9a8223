"""How fast: each script prints rates and ratios when run by `make bench`."""
