"""A class on one server: its row, its members and their answers; what the host may do, and what a learner may."""
