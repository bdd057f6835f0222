"""The card of a student that is taken away, Markdown: what it is, its figures with their noise, its limits, and how to make it again."""

from collections.abc import Iterable, Mapping

from core.data.cards import plain
from core.models.catalogue import TEACHERS
from core.recipe.labels import Labels
from core.recipe.tuning import split_teacher
from core.statistics.distributions import wilson
from core.statistics.noise import pooled
from core.statistics.testset import TestSet
from core.store import records
from core.store.ground import ground
from core.store.saved import saved_runs, truth

SPLITS = {"test": "the test split", "check": "a fixed part of the validation split"}


def card(record: Mapping, about: Mapping) -> str:
    """Return the card. record: the run's. about: of core.store.students.Student. Every figure is the record's."""
    recipe, layers = record["recipe"], record["teacher"]["layers"]
    teacher, task, k = plain(recipe["teacher"]), plain(recipe["task"]), len(recipe["layers"])
    base = TEACHERS.get(split_teacher(recipe["teacher"])[0])
    classes = ", ".join(plain(label) for label in record["labels"])
    text = '{"text": "first text", "text_pair": "second text"}' if about["pair"] else '"a text"'
    parts = [
        f"---\nlibrary_name: transformers\npipeline_tag: text-classification\n{f'base_model: {base.hub_id}{chr(10)}' if base else ''}---",
        f"# A student of {k} layer{'s' * (k != 1)}, distilled from {teacher} on {task}",
        f"Its teacher has {layers} layers. Layer Lab seeded the student from it and trained it (run `{record['id']}`).{_stopped(record)}",
        "## Use",
        f'```python\nfrom transformers import pipeline\n\nclassify = pipeline("text-classification", "PATH OF THIS FOLDER")\n'
        f"classify({text}, truncation=True)\n```",
        f"Classes: {classes}. It reads at most {about['max_length']} tokens; `truncation=True` cuts what is longer. "
        f"The files were written with transformers {record['environment']['versions'].get('transformers', '?')}.",
        "## Layers", _layers(recipe, layers), "## Recipe", _recipe(record),
        "## Data", f"{task} (hash `{record['task_hash']}`): trained on {record['train_examples']:,} examples, measured on "
        f"{len(record['predictions']):,} examples of {SPLITS[record['split']]}.",
        "## Figures", _figures(record), _noise(record), "## Limits", _limits(record, base), "## Make it again", _again(record),
    ]
    return "\n\n".join(parts) + "\n"


def _stopped(record: Mapping) -> str:
    if record["status"] == "finished":
        return ""
    return f" **The run was stopped after {record['steps']} of {record['steps_planned']} steps.**"


def _layers(recipe: Mapping, layers: int) -> str:
    seeding = recipe["seeding"]
    parts = {"embeddings": not seeding["copy_embeddings"], "pooler": seeding["fresh_head"], "head": seeding["fresh_head"]}
    said = [f"Layers count from 1, nearest the input, to {layers}, nearest the output."]
    for fresh, how in ((False, "Copied from the teacher"), (True, "Drawn fresh")):
        names = [name for name, is_fresh in parts.items() if is_fresh == fresh]
        said += [f"{how}: {', '.join(names)}."] if names else []
    if seeding["untrained_layers"]:
        return " ".join([*said, f"Its {len(recipe['layers'])} layers were drawn fresh too: this is the control, seeded from no layer."])
    rows = [f"| {j} | {layer} |" for j, layer in enumerate(recipe["layers"], 1)]
    return "\n".join([" ".join(said), "", "| student layer | seeded from teacher layer |", "|---:|---:|", *rows])


def _recipe(record: Mapping) -> str:
    recipe, optimiser, objective = record["recipe"], record["recipe"]["optimiser"], record["recipe"]["objective"]
    losses = ", ".join(f"{name} × {weight:g}" for name, weight in dict(objective["weights"]).items())
    labels = f" ({text})" if (text := Labels(**recipe.get("labels", {})).text) else ""
    return (f"Objective {objective['name']} ({losses}; temperature {objective['temperature']:g}). {record['steps']} steps of "
            f"{optimiser['batch_size']} examples{labels}, learning rate {optimiser['learning_rate']:g}, seed {recipe['seed']}, on "
            f"{record['environment']['device']} in {record['environment']['dtype']}. `recipe.json` has all of it.")


def _figures(record: Mapping) -> str:
    test = TestSet(truth(record["task_hash"], record["split"]))
    before, teacher = record["initial"], record["teacher"]
    measured = (
        ("this student", record["final"], record["predictions"]), ("the student before its first step", before, before["predictions"]),
        ("its teacher", teacher, teacher["predictions"]),
    )
    lines = ["| | accuracy | 95 % interval | loss (nats) |", "|---|---:|---:|---:|"]
    for title, found, predictions in measured:
        low, high = wilson(found["accuracy"], len(predictions) / test.design_effect({"predictions": predictions}))
        lines.append(f"| {title} | {_percent(found['accuracy'])} | {_percent(low)} to {_percent(high)} | {found['loss']:.4f} |")
    lines.append(f"| always the most frequent class | {_percent(record['majority'])} | | |")
    final = record["final"]
    return "\n".join([*lines, "", f"Macro-F1 {_percent(final['macro_f1'])}, agreement with the teacher {_percent(final['agreement'])}."])


def _noise(record: Mapping) -> str:
    """Say how much of the figures is chance: the examples', and the seed's where the recipe was run with several."""
    shared = "; examples that share a text count as fewer" if truth(record["task_hash"], record["split"]) else ""
    said = f"The intervals say what other examples of the same kind would change (Wilson 1927{shared})."
    values = {run["recipe"]["seed"]: run["final"]["accuracy"] for run in (record, *_others(record))}
    if len(values) < 2:
        return f"{said} What another seed would change was not measured: this recipe has one run."
    sd = 100 * pooled([list(values.values())]).sd
    return f"{said} Another seed changes the accuracy too: SD {sd:.2f} points over {len(values)} runs of this recipe that differ only in their seed."


def _others(record: Mapping) -> Iterable[Mapping]:
    """Finished runs that differ from a finished one in nothing but the seed."""
    recipe = record["recipe"]
    known = [*saved_runs(recipe["teacher"], recipe["task"]), *records.runs(teacher=recipe["teacher"], task=recipe["task"])]
    same = lambda run: ground(run) == ground(record) and run["recipe"] | {"seed": recipe["seed"]} == recipe and run["split"] == record["split"]
    whole = lambda run: run["status"] == "finished" and "mistake" not in run and "staged" not in run and records.finite(run)
    return (run for run in known if record["status"] == "finished" and whole(run) and run["recipe"]["seed"] != recipe["seed"] and same(run))


def _limits(record: Mapping, base) -> str:
    said = ["It was measured on this task alone; on other texts it may do worse, and its probabilities were not calibrated."]
    if record["recipe"]["budget"]["epochs"] is None:
        said.append("A short run shows how a choice begins, not where it ends.")
    if (dtype := record["environment"]["dtype"]) != "float32":
        said.append(f"It was measured in {dtype}; in float32, as the folder holds it, a few answers can differ.")
    said += [plain(warning["sentence"]) for warning in record.get("fit", {}).get("warnings", ())] + [plain(note) for note in record["notes"]]
    said.append(f"Its weights derive from {base.hub_id if base else 'its teacher'}, and its training from the task's texts: keep to their licences.")
    return "\n".join(f"- {sentence}" for sentence in said)


def _again(record: Mapping) -> str:
    teacher = record["teacher"].get("identity") or record["teacher"]["hash"]
    return (f"With Layer Lab, the same data (hash above) and the same teacher (identity `{teacher}`), in this folder's `recipe.json`:\n\n"
            f"```bash\npython -m core distill --recipe recipe.json --keep\npython -m core export {record['id']} FOLDER\n```\n\n"
            "The same kind of machine gives the same run again; another rounds differently.")


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %"
