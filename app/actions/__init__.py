"""What people and jobs do: a function a deed, `by` and `now` always given; nothing commits."""
