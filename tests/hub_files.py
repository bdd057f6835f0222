"""What the hub says of a repository's files, for tests that download nothing."""

from types import SimpleNamespace


def list_hub_files(monkeypatch, asked: str, sizes: dict[str, int]) -> None:
    """Let huggingface_hub's `model_info` or `dataset_info` list files of these sizes, in bytes."""
    files = [SimpleNamespace(rfilename=name, size=size) for name, size in sizes.items()]
    monkeypatch.setattr(f"huggingface_hub.HfApi.{asked}", lambda self, name, files_metadata: SimpleNamespace(siblings=files))
