"""The classifier's head asked early: what it says of the hidden states of any layer."""

import torch
from torch import Tensor
from transformers import PreTrainedModel

from core.models.families import family_of


def exit_logits(model: PreTrainedModel, hidden: Tensor) -> Tensor:
    """The head (with the pooler, where there is one) on hidden states (B, T, D): logits (B, C). Only the first token is read.

    After the last layer these are the model's own logits. Of an earlier layer it is the logit lens (nostalgebraist 2020, "interpreting
    GPT: the logit lens"), there for next-token prediction; the head was never trained on those layers.
    """
    kind = family_of(model).model_type
    if kind == "bert":
        return model.classifier(model.dropout(model.bert.pooler(hidden)))
    if kind == "distilbert":
        return model.classifier(model.dropout(torch.relu(model.pre_classifier(hidden[:, 0]))))
    return model.classifier(hidden)
