"""The ways to weight the compared layers among themselves while a student trains, one file each."""
