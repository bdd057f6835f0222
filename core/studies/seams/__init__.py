"""What a seam costs: from the saved runs, from runs made to tell its causes apart, and measured inside the teacher."""
