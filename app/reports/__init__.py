"""Questions asked of many cases; nothing here changes anything."""
