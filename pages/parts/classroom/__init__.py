"""The widgets of a class: joining, the question, the board and the host's controls."""
