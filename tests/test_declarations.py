"""What is declared in one file is found everywhere: a copy of the program gets a file more, and its commands and pages know it.

Run: python -m pytest tests/test_declarations.py
"""

import json
import shutil
import subprocess
import sys
from pathlib import Path

from core.objectives import BUNDLES, LOSSES, WEIGHTINGS
from core.views.common.progress import legend
from tests.tiny import save_tiny_teacher

ROOT = Path(__file__).resolve().parent.parent
LARGE = ("core/assets", "core/saved_runs")  # read only, so that links do


def copy_with(folder: Path, files: dict[str, str]) -> Path:
    """Copy the program to folder/program, add these files (path -> text), and return where it is."""
    program = folder / "program"
    linked = lambda path, names: {name for name in names if str((Path(path) / name).relative_to(ROOT)) in LARGE or name == "__pycache__"}
    for name in ("core", "pages", "tests", ".streamlit"):
        shutil.copytree(ROOT / name, program / name, ignore=linked)
    shutil.copy(ROOT / "app.py", program)
    for name in LARGE:
        (program / name).symlink_to(ROOT / name)
    for path, text in files.items():
        assert not (program / path).exists()
        (program / path).write_text(text)
    return program


def python(program: Path, *arguments: str) -> subprocess.CompletedProcess:
    """Run Python with these arguments in a copy of the program."""
    return subprocess.run([sys.executable, *arguments], cwd=program, capture_output=True, text=True)


def printed(program: Path, *arguments: str) -> str:
    """Return what Python printed; it must have ended well."""
    done = python(program, *arguments)
    assert done.returncode == 0, done.stderr
    return done.stdout


TOY_LOSS = r'''
from core.objectives import Bundle, Loss
from core.objectives.declarations import EXAMPLES, LOGITS


def absolute(student_logits, teacher_logits, temperature):
    import torch

    return torch.nn.functional.l1_loss(student_logits.float(), teacher_logits.detach().float())


LOSS = Loss(
    name="logit_absolute", title="mean absolute difference of logits", label="logits (absolute)", symbol=r"\mathrm{MAE}",
    formula=r"\tfrac1{nC}\sum_i\lvert z^S_i-z^T_i\rvert_1", reading="How far apart the logits are on average.", source="a test",
    needs=LOGITS, mean_over=EXAMPLES, function=absolute,
)
BUNDLE = Bundle(name="absolute", title="Absolute: a toy", line="Logits as near as can be.", source="a test", weights={"logit_absolute": 1.0})
'''
PAGES = r'''
import json, sys
from streamlit.testing.v1 import AppTest
from core import worker
from pages.parts.common import learner
from tests.app_harness import clean, opener

teacher, task, record = sys.argv[1:]
worker.ensure_running = learner._from_browser = lambda: None
opened = opener(teacher, task)(objective="absolute")
page = f"import json\nfrom pages.parts.lab import explanation\nexplanation.formulas(json.load(open({record!r})))"
formulas = AppTest.from_string(page, default_timeout=60)
formulas.session_state["explain_formulas"] = True
clean(formulas.run())
print(json.dumps({
    "options": opened.selectbox(key="w_objective").options, "help": opened.selectbox(key="w_objective").help,
    "formulas": [one.value for one in formulas.markdown],
}))
'''


def test_a_loss_is_added_by_one_file(tmp_path, teacher, task):
    program = copy_with(tmp_path, {"core/objectives/losses/logit_absolute.py": TOY_LOSS})
    assert "cross-entropy, absolute" in " ".join(printed(program, "-m", "core", "distill", "--help").split())
    wrong = tmp_path / "wrong.json"
    wrong.write_text(json.dumps({"teacher": teacher, "task": task, "layers": [1, 3], "objective": {"weights": {"magic": 1}}}))
    refused = python(program, "-m", "core", "distill", "--recipe", str(wrong))
    assert refused.returncode == 2 and "value_relation, logit_absolute." in refused.stderr

    options = ("--layers", "1,3", "--objective", "absolute", "--steps", "6", "--precision", "fp32")
    record = json.loads(printed(program, "-m", "core", "distill", "--teacher", teacher, "--task", task, *options, "--json"))
    assert record["status"] == "finished" and all(norm > 0 for norm in record["update_norms"].values())
    assert [set(point["losses"]) for point in record["curve"][1:]] == [{"logit_absolute"}] * 6

    kept = tmp_path / "record.json"
    kept.write_text(json.dumps(record))
    shown = json.loads(printed(program, "-c", PAGES, teacher, task, str(kept)))
    assert "Absolute: a toy" in shown["options"]
    assert "Logits as near as can be." in shown["help"] and r"\mathrm{MAE}" in shown["help"]
    assert any(r"\lvert z^S_i-z^T_i\rvert_1" in text and "How far apart the logits are" in text for text in shown["formulas"])
    told = "import json, sys; from core.views.common.progress import record_curves; print(record_curves(json.load(open(sys.argv[1]))).parts)"
    assert "logits (absolute)" in printed(program, "-c", told, str(kept))


TOY_CHOOSER = r'''
"""A toy: the highest sum of layer numbers."""

from core.studies.choosers.method import Method
from core.studies.choosers.ranking import rank_by_sum


def rank(teacher, sample, k):
    return rank_by_sum(list(range(1, teacher.layers + 1)), k)


TOY = Method("toy", "a toy chooser", rank, {"toys": 3}, page_title="Toy", line="Take the last layers.", formula=r"S(C)=\sum_{l\in C}l")
'''
CHOOSER_PAGE = """
import json, sys
from streamlit.testing.v1 import AppTest
from core import worker
from core.views.lab.overlays import CHOOSER, described
from pages.parts.common import learner
from tests.app_harness import clean, opener

worker.ensure_running = learner._from_browser = lambda: None
page = opener(sys.argv[1], sys.argv[2])(layers="1,3")
clean(page.switch_page("pages/choosers.py").run())
next(one for one in page.button if one.label == "Show the figures now").click()
clean(page.run())
page.selectbox(key="w_choosers_method").select("toy")
clean(page.run())
print(json.dumps({
    "options": page.selectbox(key="w_choosers_method").options, "texts": [one.value for one in (*page.markdown, *page.caption, *page.latex)],
    "overlay": described(CHOOSER + "toy")[0], "torch": "torch" in sys.modules,
}))
"""


def test_a_chooser_is_added_by_one_file(tmp_path, teacher, task):
    program = copy_with(tmp_path, {"core/studies/choosers/methods/toy.py": TOY_CHOOSER})
    assert "toy                     a toy chooser" in printed(program, "-m", "core", "choose", "--method", "list")
    options = ("--method", "toy", "--teacher", teacher, "--task", task, "--k", "2", "--json")
    document = json.loads(printed(program, "-m", "core", "choose", *options))
    assert document["choices"][0]["layers"] == [3, 4] and document["settings"]["toys"] == 3
    page = json.loads(printed(program, "-c", CHOOSER_PAGE, teacher, task))
    assert page["options"][-1] == "Toy" and page["overlay"] == "chooser: Toy" and not page["torch"]
    assert any("Take the last layers." in text for text in page["texts"]) and any(r"S(C)=\sum_{l\in C}l" in text for text in page["texts"])


TOY_FAMILY = '''"""ToyBERT: BERT under another name."""

from dataclasses import replace

from core.models.families.bert import FAMILY as BERT

FAMILY = replace(BERT, model_type="toybert", title="ToyBERT", order=6)
'''

# stands for a version of transformers that knows the architecture
TOY_ARCHITECTURE = """
from transformers import AutoConfig, AutoModelForSequenceClassification, BertConfig, BertForSequenceClassification

class ToyBertConfig(BertConfig):
    model_type = "toybert"

class ToyBertForSequenceClassification(BertForSequenceClassification):
    config_class = ToyBertConfig

AutoConfig.register("toybert", ToyBertConfig)
AutoModelForSequenceClassification.register(ToyBertConfig, ToyBertForSequenceClassification)
"""

FAMILY_VERBS = """
import sys
import toy_architecture
from core.__main__ import main

sys.exit(main(["teachers"]) or main(["distill", "--teacher", sys.argv[1], "--task", sys.argv[2], "--layers", "1,3", "--steps", "3",
                                     "--objective", "minilm", "--json"]))
"""

FAMILY_PAGE = """
import json, sys
from streamlit.testing.v1 import AppTest
from core import worker
from core.views.common.readiness import readiness
from pages.parts.common import learner

state = readiness(sys.argv[1], sys.argv[2])
worker.ensure_running = learner._from_browser = lambda: None
page = AppTest.from_file("app.py", default_timeout=60).run()
print(json.dumps([state.ready, state.layers, page.selectbox(key="w_teacher").help, "torch" in sys.modules]))
"""


def test_a_family_is_added_by_one_file(tmp_path, task):
    files = {"core/models/families/toybert.py": TOY_FAMILY, "toy_architecture.py": TOY_ARCHITECTURE}
    program = copy_with(tmp_path, files)
    teacher = save_tiny_teacher(tmp_path / "teacher")
    config = json.loads((teacher / "config.json").read_text())
    (teacher / "config.json").write_text(json.dumps(config | {"model_type": "toybert", "architectures": ["ToyBertForSequenceClassification"]}))
    listed, record = printed(program, "-c", FAMILY_VERBS, str(teacher), task).split("is a teacher too.\n")
    assert "MPNet, DistilBERT, ELECTRA or ToyBERT encoder" in listed
    record = json.loads(record)
    assert record["status"] == "finished" and record["teacher"]["layers"] == 4 and set(record["update_norms"]) >= {"1", "2", "pooler", "head"}
    ready, layers_there, offered, torch_loaded = json.loads(printed(program, "-c", FAMILY_PAGE, str(teacher), task))
    assert ready and layers_there == 4 and "DistilBERT, ELECTRA or ToyBERT encoder" in offered and not torch_loaded


def test_every_loss_has_a_legend_label_of_its_own():
    labels = {name: legend(name) for name in LOSSES}
    assert all(label != name and "_" not in label for name, label in labels.items()) and len(set(labels.values())) == len(LOSSES)
    assert legend("of_another_version") == "of_another_version"


def test_declarations_are_complete_and_torch_waits():
    for one in (*LOSSES.values(), *BUNDLES.values(), *WEIGHTINGS.values()):
        assert one.source and (one.title != one.name or one.name == "relevance")
    assert all(set(one.weights) <= set(LOSSES) and one.line.endswith(".") for one in BUNDLES.values())
    code = "import sys, core.objectives; print({'torch', 'transformers', 'numpy', 'streamlit'} & set(sys.modules))"
    assert printed(ROOT, "-c", code).strip() == "set()"
