"""The widgets of lessons: homework, the editor with its preview, and the link builder."""
