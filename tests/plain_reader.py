"""What somebody without this program does with an exported student. Run: python -I tests/plain_reader.py JOB.json OUT.json

JOB.json: {"folders": [...], "first": [...], "second": [...] or null}. OUT.json gets by folder the logits of these texts, read in batches, and what
the pipeline says of the first. Nothing of this program can be imported.
"""

import json
import sys
from pathlib import Path


class Blocked:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in ("core", "pages", "tests"):
            raise ImportError(f"{name} is blocked")


sys.meta_path.insert(0, Blocked())

import torch  # noqa: E402
from transformers import AutoModelForSequenceClassification, AutoTokenizer, pipeline  # noqa: E402

job, out = json.loads(Path(sys.argv[1]).read_text()), {}
columns = [column for column in (job["first"], job["second"]) if column]
for folder in job["folders"]:
    model = AutoModelForSequenceClassification.from_pretrained(folder).eval()
    tokenizer, logits = AutoTokenizer.from_pretrained(folder), []
    for start in range(0, len(columns[0]), 32):
        inputs = tokenizer(*(column[start : start + 32] for column in columns), truncation=True, padding=True, return_tensors="pt")
        with torch.no_grad():
            logits += model(**inputs).logits.tolist()
    said = pipeline("text-classification", folder, device="cpu")(dict(zip(("text", "text_pair"), (column[0] for column in columns))), truncation=True)
    out[folder] = {"logits": logits, "said": said, "layers": model.config.num_hidden_layers, "labels": model.config.id2label}
Path(sys.argv[2]).write_text(json.dumps(out))
