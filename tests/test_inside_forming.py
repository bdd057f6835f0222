"""The first view of Inside the teacher: an answer forming, a kept student beside it, and which words the layers read.

Run: python -m pytest tests/test_inside_forming.py
"""

import json

import numpy as np
import pytest
import torch
from streamlit.dataframe_util import convert_arrow_bytes_to_pandas_df

from core.figures.forming import bars_height, colour_key, forming_bars, token_map
from core.models import attention as attention_of
from core.store import jobs, students
from core.store.told_pairs import told_pairs
from core.studies.inside.forming import forming
from core.studies.inside.reading import MOST_TOKENS, pass_of, tokens_of
from core.training.loading import load_pair
from core.views.inside import forming as view
from core.views.inside import reading
from core.worker import Runner
from tests import app_harness as harness
from tests.app_harness import button, clean, group, shown
from tests.test_kept import kept, recipe
from tests.tiny import FAMILIES, save_tiny_teacher, tiny_model, tiny_tokenizer
from tests.tiny_task import write_task

PAGE, FORMING = "pages/inside.py", "A prediction forming"
TEXTS = "the dog runs", "a dog is big"
YES, NO = [0.9, 0.1], [0.2, 0.8]
ANSWER = {"labels": ["yes", "no"], "layers": [[0.6, 0.4], NO, YES, YES, YES], "tokens": 7, "cut": False}


def values(spec: dict) -> list[dict]:
    """The rows of a figure whose layers share them."""
    return spec["data"]["values"]


# --- what the worker computes ---


@pytest.mark.parametrize("place", range(len(FAMILIES)), ids=FAMILIES)
def test_attention_is_what_transformers_itself_gives_and_answers_stay_the_same(tmp_path, place):
    """The very maps of eager attention, packed: every layer and head, the mean over tokens last."""
    model = tiny_model(FAMILIES[place], layers=3)
    model.set_attn_implementation("eager")
    inputs = {"input_ids": torch.tensor([[2, 7, 9, 3, 8, 3]])}
    wanted = torch.stack(model(**inputs, output_attentions=True).attentions)[:, 0].detach()  # (L, H, T, T)
    states, packed = pass_of(model, inputs, range(6))
    found = reading.unpacked(packed)
    assert found.shape == (3, 2, 7, 7) and len(states) == 4
    assert np.allclose(found[:, :, :6, :6], wanted, atol=0.003) and np.allclose(found[..., 6], 0, atol=0.003)
    assert np.allclose(found[:, :, 6, :6], wanted.mean(2), atol=0.003)
    assert torch.equal(states[-1], model(**inputs, output_hidden_states=True).hidden_states[-1])
    assert pass_of(model, inputs, None)[1] is None


def test_a_long_text_is_capped_and_what_is_not_shown_is_summed_up():
    tokenizer, model = tiny_tokenizer(), tiny_model("bert")
    texts = "the dog runs " * 12, "a cat"
    words, places = tokens_of(tokenizer, texts, 100)
    assert len(words) == MOST_TOKENS and places[-1] == 36 + 2 + 2  # the whole of the second text, and the last mark
    assert [one["text"] for one in words[-4:]] == ["[SEP]", "a", "cat", "[SEP]"]
    assert (words[0], words[1]) == ({"text": "[CLS]", "kind": "start", "of": None}, {"text": "the", "kind": "word", "of": 0})
    found = reading.unpacked(pass_of(model, dict(tokenizer(*texts, return_tensors="pt")), places)[1])
    assert np.allclose(found.sum(-1), 1, atol=0.08) and (found[..., -1] > 0.1).all()
    shown_words = {"shown": words, "of": 41}
    assert reading.token_names(shown_words)[-1] == reading.REST and "the other 9 stand in one row" in reading.cap_text(shown_words)


def test_tokens_show_the_text_as_it_was_typed_pieces_and_unknown_words_are_marked():
    tokenizer = tiny_tokenizer()
    words, _ = tokens_of(tokenizer, ("The DOG <b>", "zyzzyva"), 100)
    assert [one["text"] for one in words] == ["[CLS]", "The", "DOG", "<", "b", ">", "[SEP]", "zyzzyva", "[SEP]"]
    assert words[-2]["kind"] == "unknown" and words[-2]["of"] == 1
    assert reading.token_names({"shown": words, "of": 9})[-2:] == ["zyzzyva (?)", "[SEP] end"]
    bundled = load_pair("minilm-l6", "composed-nli")[0].tokenizer
    named = reading.token_names({"shown": tokens_of(bundled, ("two hens",), 100)[0], "of": 5})
    assert named == ["[CLS] start", "two", "hen", "…s", "[SEP] end"]


def test_a_kept_student_answers_beside_its_teacher_and_reads_too(tmp_path):
    task = write_task(tmp_path / "data")
    teacher = str(save_tiny_teacher(tmp_path / "teacher"))
    student = kept(recipe(teacher, task, layers=(1, 3)))
    found = forming(teacher, task, *TEXTS, student=student.key, attention=True)
    assert found["student"]["layers"] == [1, 3] and len(found["student"]["stages"]) == 3 and len(found["layers"]) == 5
    assert found["student"]["stages"][0] == pytest.approx(found["layers"][0], abs=0.05)  # the same embeddings, hardly trained
    assert (found["student"]["attention"]["layers"], found["attention"]["layers"]) == (2, 4)
    assert forming(teacher, task, *TEXTS)["layers"] == found["layers"] and "words" not in forming(teacher, task, *TEXTS)
    students.remove(student)
    assert "no longer kept" in forming(teacher, task, *TEXTS, student=student.key)["student"]["problem"]


def test_a_family_without_maps_still_answers(teacher, task, monkeypatch):
    monkeypatch.setattr(attention_of, "family_of", lambda model: type("Family", (), {"projections": ("nowhere",)}))
    found = forming(teacher, task, *TEXTS, attention=True)
    assert found["attention"] is None and len(found["layers"]) == 5


# --- what is shown of it ---


def test_bars_are_shared_out_and_a_student_stands_beside_the_layers_that_seeded_it():
    rows, parts = view.bars(ANSWER["labels"], YES, ANSWER["layers"])
    assert rows == ["4", "3", "2", "1", "emb."] and len(parts) == 10
    assert parts[2] == {"row": "1", "label": "yes", "low": 0.0, "high": 20.0, "middle": 10.0, "text": "20", "told": "layer 1, yes: 20.0 %"}
    assert parts[3]["low"] == 20.0 and parts[3]["high"] == 100.0 and parts[3]["text"] == "no 80"
    rows, parts = view.bars(ANSWER["labels"], YES, [NO, YES, YES], *view.beside([1, 3], 4))
    assert len(rows) == 5 and {one["row"] for one in parts} == {"emb.", "1", "3"}
    assert view.beside([3, 1], 4) == (None, None)
    assert {one["row"] for one in view.bars(ANSWER["labels"], YES, [NO, YES, YES], *view.beside([3, 1], 4))[1]} == {"emb.", "1", "2"}


def test_of_many_classes_the_likeliest_have_a_colour_and_the_rest_are_one():
    last = [0.1, 0.4, 0.05, 0.3, 0.15]
    assert view.bar_names(list("abcde"), last) == ["b", "d", "e", view.REST]
    _, parts = view.bars(list("abcde"), last, [last, last])
    assert parts[3]["low"] == pytest.approx(85) and parts[3]["high"] == pytest.approx(100)
    assert all(len(text) <= 20 for text in [view.bars(["x" * 90], [1.0], [[1.0]] * 2)[1][0]["text"]])


def test_what_is_said_of_the_student():
    said = lambda stages: view.student_sentence(ANSWER | {"student": {"stages": stages, "layers": [1, 3]}})
    assert said([NO, NO, YES]) == "The student says the same; it is sure of it after its layer 2, copied from layer 3 (90 %)."
    assert said([NO, NO, [0.3, 0.7]]) == "The student says “no”, the teacher “yes”, but is not sure of it (70 %)."
    assert "from the embeddings on" in said([YES, YES, YES])


def test_what_the_probes_read_is_said_where_the_head_is_not_sure():
    pair = told_pairs("minilm-l6", "composed-nli")["pairs"][0]
    labels = ["entailment", "neutral", "contradiction"]
    text = " ".join(view.sentences({"labels": labels, "layers": pair["head"], "probe": pair["probe"]}, "contradiction"))
    top = max(pair["probe"], key=lambda row: row[2])
    assert text.startswith("The label is “contradiction”. The teacher leans to ") and f"“entailment” ({100 * pair['probe'][-1][0]:.0f} %)" in text
    assert f"but after layer {pair['probe'].index(top)} one reads “contradiction” ({100 * top[2]:.0f} %)." in text
    sure = view.sentences(ANSWER | {"probe": ANSWER["layers"]})
    assert len(sure) == 1 and sure[0].startswith("The head is sure of “yes” from layer 2 on.")
    assert view.sentences(ANSWER | {"cut": True})[-1] == "The text was cut to 7 tokens."


def test_what_the_layers_read_is_said_without_the_marks():
    words = {"shown": [{"text": "[CLS]", "kind": "start", "of": None}, {"text": "dog", "kind": "word", "of": 0},
                       {"text": "runs", "kind": "word", "of": 0}, {"text": "[SEP]", "kind": "separator", "of": None}], "of": 4}
    found = np.array([[0.5, 0.3, 0.1, 0.1, 0], [0.2, 0.1, 0.4, 0.3, 0]])
    text = reading.sentence(found, words, 4, ["1", "2"])
    assert text == ("Averaged over all tokens, of all words layer 1 reads “dog” (30 %) and layer 2 reads “runs” (40 %) the most. "
                    "The marks at the ends of the texts get 55 % on average.")
    assert reading.sentence(found, words, 2, ["1", "2"]).startswith("From where “runs” stands, of all words")
    cells = reading.cells(found, words, ["1", "3"])
    assert len(cells) == 8 and cells[5] == {"place": 1, "column": "3", "value": pytest.approx(10), "told": "layer 3, dog: 10 %"}
    assert reading.columns([1, 3], 4) == (["1", "3"], ["1", "2", "3", "4"]) and reading.columns([3, 1], 4) == (["1", "2"],) * 2
    assert reading.readers(words) == ["1. [CLS] start", "2. dog", "3. runs", "4. [SEP] end", reading.EVERY]


def test_figures_hold_every_part_and_foreign_text_is_no_code():
    rows, parts = view.bars(ANSWER["labels"], YES, ANSWER["layers"])
    chart = forming_bars(rows, parts, ["yes", "no"], "d").to_dict()
    assert chart["height"] == bars_height(5) and chart["description"] == "d" and len(values(chart)) == 10
    assert "yes, no" in colour_key(["yes", "no"]).to_dict()["description"]
    drawn = token_map(["it's", "a\\b", "x'];alert(1)//"], ["1"], [{"place": 0, "column": "1", "value": 3.0, "told": "t"}], "d").to_dict()
    assert drawn["layer"][0]["encoding"]["y"]["axis"]["labelExpr"] == r"['it\'s','a\\b','x\'];alert(1)//'][datum.value]"


# --- the page ---


def taken(kind: str = "forming") -> jobs.Job:
    while (job := jobs.claim("test")).kind != kind:
        jobs.finish(job.id, "finished")
    return job


def text_field(test, label: str):
    return next(one for one in test.text_area if one.label.startswith(label))


def served() -> jobs.Job:
    job = taken()
    Runner("test").run(job)
    return jobs.get(job.id)


@pytest.fixture
def app(monkeypatch):
    harness.without_worker(monkeypatch)
    return lambda teacher, task: harness.opener(teacher, task)(PAGE)


def charts(test) -> list[dict]:
    return [json.loads(chart.proto.spec) | {"data": {"values": rows_of(chart)}} for chart in test.get("vega_lite_chart")]


def rows_of(chart) -> list[dict]:
    return convert_arrow_bytes_to_pandas_df(chart.proto.data.data).to_dict("records")


def test_the_built_in_teacher_shows_a_hard_pair_at_once_as_head_and_probe_read_it(app):
    """Before any worker answers and without a measurement: the pictures are the saved pair's."""
    test = app("minilm-l6", "composed-nli")
    pairs = told_pairs("minilm-l6", "composed-nli")["pairs"]
    hard = max(pairs, key=lambda pair: pair["entropy"])
    assert group(test, "View").value == FORMING and f"{hard['first']} → {hard['second']}" in shown(test)
    head, probe = charts(test)[1:3]
    assert "The head would say" in head["description"] and "A probe reads" in probe["description"]
    said = {(row["row"], row["label"]): row["high"] - row["low"] for row in values(head)}
    assert said["6", "contradiction"] == pytest.approx(100 * hard["head"][6][2])
    assert test.get("skeleton") and "press Run on the Lab" in shown(test)
    assert taken().payload["first"] == hard["first"]


def test_a_pair_is_typed_its_answer_drawn_and_its_words_read(app, teacher, task):
    test = app(teacher, task)
    assert text_field(test, "First text").value and test.get("skeleton") and not charts(test)  # an example, which is asked for
    text_field(test, "First text").set_value("the dog runs")
    text_field(test, "Second text").set_value("<script>a *dog*</script>")
    clean(button(test, "Show it forming").click().run())
    job = served()
    assert job.payload["second"] == "<script>a *dog*</script>"
    clean(test.run())
    assert any(r"\<script\>a \*dog\*" in one.value for one in test.markdown) and not test.get("skeleton")
    assert len(charts(test)) == 3 and "Which words each layer reads" in shown(test)  # the key, the head, the teacher's reading
    assert "Probes are saved for the built-in teacher" in shown(test)
    names = charts(test)[-1]["layer"][0]["encoding"]["y"]["axis"]["labelExpr"]
    assert "'[CLS] start'" in names and "'dog'" in names
    before = charts(test)[-1]
    clean(next(one for one in test.selectbox if one.label == "With which heads").set_value(2).run())
    assert charts(test)[-1] != before and charts(test)[-1]["layer"][0]["encoding"] == before["layer"][0]["encoding"]
    clean(next(one for one in test.selectbox if one.label == "Who reads").set_value(1).run())
    assert "From where “the” stands" in shown(test)


def test_a_kept_student_stands_beside_and_another_one_can_be_picked(app, tmp_path):
    task, teacher = write_task(tmp_path / "data"), str(save_tiny_teacher(tmp_path / "teacher"))
    kept(recipe(teacher, task, layers=(1, 3)))
    kept(recipe(teacher, task, layers=(2,)))
    test = app(teacher, task)
    job = served()
    assert job.payload["student"] and "press Run on the Lab" not in shown(test)
    clean(test.run())
    assert "The student " in shown(test) and len(charts(test)) == 5
    bars, reads = charts(test)[2], charts(test)[-1]
    assert {row["row"] for row in values(bars)} == {"emb.", "2"}  # the newest, beside layer 2 of four
    assert {row["column"] for row in values(reads)} == {"2"}
    assert reads["layer"][0]["encoding"]["x"]["scale"]["domain"] == ["1", "2", "3", "4"]
    picker = next(one for one in test.selectbox if one.label == "Student beside it")
    clean(picker.set_value(next(one.key for one in students.students() if one.record["recipe"]["layers"] == [1, 3])).run())
    assert served().payload["student"] != job.payload["student"]
    clean(test.run())
    assert {row["row"] for row in values(charts(test)[2])} == {"emb.", "1", "3"}


def test_the_learners_own_student_comes_first():
    one = lambda key: students.Student(key, None, 1, 0.0, False, {}, {})
    assert view.preferred([one("a"), one("b")], {"b"}).key == "b" and view.preferred([one("a")], {"x"}).key == "a"
    assert view.preferred([], ()) is None


def test_a_question_that_failed_is_a_sentence_and_another_can_be_asked(app, teacher, task):
    test = app(teacher, task)
    jobs.finish(taken().id, "failed", "There is no *text*; write one.")
    clean(test.run())
    assert "There is no *text*; write one." in shown(test) and not charts(test)
    asked = len([job for job in jobs.queue(("forming",))])
    clean(button(test, "Show it forming").click().run())
    assert len(jobs.queue(("forming",))) == asked + 1


def test_a_task_of_single_texts_has_one_field_and_forms_too(app, teacher, task):
    single = task.replace("text=premise,hypothesis", "text=hypothesis")
    test = app(teacher, single)
    assert [one.label for one in test.text_area] == ["Text"]
    assert served().payload["second"] is None
    clean(test.run())
    assert len(charts(test)) == 3 and "→" not in test.main.markdown[1].value


def test_a_question_whose_job_is_gone_is_asked_anew(app, teacher, task):
    test = app(teacher, task)
    served()
    test.session_state["inside_forming"] = (999, test.session_state["inside_forming"][1])
    clean(test.run())
    assert taken().payload["first"] and not test.error


def test_a_family_without_maps_is_said(app, teacher, task):
    test = app(teacher, task)
    job = taken()
    words = {"shown": [{"text": "[CLS]", "kind": "start", "of": None}], "of": 1}
    jobs.emit(job.id, "answer", ANSWER | {"words": words, "attention": None})
    jobs.finish(job.id, "finished")
    clean(test.run())
    assert reading.NO_MAPS in shown(test)


def test_the_other_views_are_reached_and_a_typed_text_is_kept(app, teacher, task):
    test = app(teacher, task)
    for name in ("Similarity", "Chains by hand", FORMING):
        clean(group(test, "View").set_value(name).run())
    assert text_field(test, "First text").value
