"""The run store: records, the job queue with its events, and facts about the machine. SQLite."""
