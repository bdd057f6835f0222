"""Uploaded files in the server's memory, where Streamlit keeps them till the session ends."""

from collections.abc import Iterable

from streamlit.runtime.scriptrunner import get_script_run_ctx
from streamlit.runtime.uploaded_file_manager import UploadedFile


def free(files: Iterable[UploadedFile]) -> None:
    """Give the memory of files back that have been kept or refused; their uploader has to start anew."""
    here = get_script_run_ctx()
    for file in files:
        here.uploaded_file_mgr.remove_file(here.session_id, file.file_id)
