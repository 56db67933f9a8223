"""The demo office: the replay against the file, its people, its texts."""
