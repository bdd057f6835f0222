"""The objectives that have a name, one file each, with how they depart from their source."""
