"""Many runs, or a look inside a teacher: sweeps, and what their rankings are worth."""
