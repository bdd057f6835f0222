"""A student as ONNX, which programs without PyTorch run. It needs the package onnx, which is not installed with the program."""

import warnings
from pathlib import Path

import torch
from transformers import PreTrainedModel, PreTrainedTokenizerBase

from core.errors import LabError
from core.studies.export.places import ONNX

TEXTS = ["a text", "another and longer text"], ["a second text, longer still", "short"]  # traced, and read again beside a third and alone
CLOSE = 1e-3  # between the logits of PyTorch and of ONNX


class _Logits(torch.nn.Module):
    """A classifier as a function of tensors in the order of `names`; where it has token types that its tokenizer leaves out, they are 0."""

    def __init__(self, model: PreTrainedModel, names: list[str]):
        super().__init__()
        self.model, self.names = model, names
        self.more = {"token_type_ids"} - set(names) if getattr(model.config, "type_vocab_size", 0) else ()

    def forward(self, *inputs: torch.Tensor) -> torch.Tensor:
        given = dict(zip(self.names, inputs)) | {name: torch.zeros_like(inputs[0]) for name in self.more}
        return self.model(**given).logits


def write_onnx(model: PreTrainedModel, tokenizer: PreTrainedTokenizerBase, path: Path) -> None:
    """Write model.onnx: the tokenizer's inputs, (batch, tokens) int64 each -> logits (batch, C). Both sizes may be any.

    It is read again and compared with PyTorch. LabError where the package is missing, or the logits differ by more than CLOSE.
    """
    try:
        from onnx.reference import ReferenceEvaluator
    except ImportError:
        raise LabError(f"ONNX needs a package more: `pip install {ONNX}` (9 MB); without --onnx the folder is written all the same.") from None
    names = list(tokenizer.model_input_names)
    tensors = lambda columns: [tokenizer(*columns, padding=True, return_tensors="pt")[name] for name in names]
    function = _Logits(model, names).eval()
    with warnings.catch_warnings(), torch.no_grad():
        warnings.simplefilter("ignore")  # the exporter by tracing is the older of two; the newer one needs four packages and ten times as long
        try:
            torch.onnx.export(
                function, tuple(tensors(TEXTS)), path, dynamo=False, input_names=names, output_names=["logits"],
                dynamic_axes={name: {0: "batch", 1: "tokens"} for name in names} | {"logits": {0: "batch"}},
            )
        except RuntimeError as error:
            raise LabError(f"This student cannot be written as ONNX ({str(error).splitlines()[0][:200]}); leave --onnx out.") from error
        reader = ReferenceEvaluator(str(path))
        for columns in ([[*column, "third"] for column in TEXTS], [column[:1] for column in TEXTS]):
            inputs = tensors(columns)
            found = torch.from_numpy(reader.run(None, {name: tensor.numpy() for name, tensor in zip(names, inputs)})[0])
            apart = float((found - function(*inputs)).abs().max())
            if not apart < CLOSE:
                raise LabError(f"The ONNX file does not answer as PyTorch does (logits differ by {apart:.2g}); leave --onnx out.")
