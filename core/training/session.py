"""One distillation: prepare, step by step with evaluations in between, record. `distill`, races and stages drive it."""

import dataclasses
from collections.abc import Callable, Iterator

import torch
from torch import Tensor

from core.data.batches import EncodedSplit
from core.data.seen_labels import UNLABELLED, seen_labels
from core.data.task import stratified
from core.errors import LabError
from core.models.families import word_embeddings
from core.models.seeding import seed_student
from core.recipe import Recipe, check_layers, evaluation_steps, matched_layers
from core.training.answers import finite_logits, with_answers
from core.training.audit import audit, snapshot, training_mode_loss, update_norms
from core.training.device import environment, pick
from core.training.diverged import Diverged, broke_off, finite, unsound_signal
from core.training.evaluate import brief, by_group, figures, predicting, scores
from core.training.events import TURN, Clock, Event, followed, never, stage
from core.training.held_out import HeldOut
from core.training.kept import keep, unused
from core.training.layer_weights import layer_weights_for
from core.training.loading import load_pair
from core.training.loop import Training, advance, train
from core.training.overrides import CORRECT, Overrides, experiment_id, mistaken_id
from core.training.signals import prepare, request_for
from core.training.student import ALL, Exact, student_loss, trim
from core.training.vocabulary import used_ids

UNSOUND_START = (
    "The student's answers before its first step are NaN or infinite, although the teacher's are not: these layers do not work one after another; "
    "choose other layers or fp32 (--precision fp32)."
)


class Session:
    """A run of one recipe. Call `prepare`, then `train` or as many times `advance`, then `record`; each yields events, turns among them.

    Between two steps `state` is everything that the rest of the run depends on, and `load_state` puts it into a prepared session.
    overrides, exact, micro_batch, keeps: as in core.training.distill (there `keep`). random: the states of the random generators, where a race
    keeps them. kept_words: (U,) ids, the rows of the word embeddings that are trained. unused_rows: the others, where they are not the teacher's.
    """

    def __init__(self, recipe: Recipe, exact: Exact = ALL, overrides: Overrides = CORRECT, micro_batch: int | None = None, keeps: bool = False):
        self.recipe, self.exact, self.overrides, self.micro_batch, self.keeps = recipe, exact, overrides, micro_batch, keeps
        self.clock = Clock()
        self.random: dict[str, Tensor] = {}
        self.rate: float | None = None  # tokens a second
        self.latest: Tensor | None = None  # logits of the last evaluation, (N, C)
        self.label_counts: dict[str, int] = {}  # of train, where some labels are left out or wrong: how many are kept, and wrong

    def prepare(self) -> Iterator[Event]:
        """Load, ask the teacher, seed the student and measure it; the last event is prepared. LabError for what a user can mend."""
        return self.clock.timed(self._prepare())

    def train(self, stop: Callable[[], bool] = never) -> Iterator[Event]:
        """Make all steps, as core.training.loop.train."""
        return self.clock.timed(train(self, stop))

    def advance(self) -> Iterator[Event]:
        """Make one step, and the evaluation that is due after it."""
        return self.clock.timed(advance(self))

    def record(self) -> Iterator[Event]:
        """Measure the student where it stands, and keep it where that is asked for; the last event is finished {record}."""
        return self.clock.timed(self._record())

    @property
    def stands_on(self) -> list[str]:
        """Return what a prepared run stands on besides its recipe: teacher, data and arithmetic."""
        return [self.teacher.identity, self.task.hash, self.device.kind, self.device.dtype]

    @property
    def made(self) -> int:
        """How many steps were made so far, of `steps`."""
        return self.training.made

    def _prepare(self) -> Iterator[Event]:
        recipe, overrides = self.recipe, self.overrides
        self.device = device = pick(recipe.optimiser.precision)
        yield stage("preparing", "Loading the teacher and the task")
        teacher, self.task, encoded = load_pair(recipe.teacher, recipe.task)
        check_layers(recipe.layers, teacher.layers, recipe.allow_repeats)
        self.teacher = teacher = overrides.teacher(teacher, recipe.seed)
        seeded = overrides.layers(recipe.layers, teacher.layers)
        self.matched = matched_layers(recipe.objective, seeded, teacher.layers)
        yield TURN

        self.train_split, self.signals = encoded["train"], None
        if recipe.objective.needs_teacher:
            wanted = request_for(recipe.objective, self.matched)
            if overrides.signals:
                self.signals = overrides.signals(teacher, wanted, device)
            else:
                asking = prepare(teacher, self.train_split, wanted, device, self.exact.cache_signals)
                self.signals = yield from followed(asking, "Asking the teacher")
        self.held_out = HeldOut(recipe.budget.full, self.task, encoded, overrides.test)
        self.teacher_logits = yield from self.held_out.asking(teacher, device)
        self.fit = self._look_at_answers()

        student = seed_student(teacher.model, seeded, overrides.seeding(recipe.seeding), recipe.seed, recipe.allow_repeats)
        student.requires_grad_(True)
        self.parameters = {"student": student.num_parameters(), "teacher": teacher.model.num_parameters()}
        table = word_embeddings(student).weight.detach()
        self.kept_words = used_ids(encoded.values(), len(table))
        self.unused_rows = None if recipe.seeding.copy_embeddings or not self.keeps else table[unused(table, self.kept_words)]
        trim(student, recipe, self.kept_words, self.exact)
        self.student = student = overrides.start(student.to(device.torch))
        self.before = snapshot(student)

        yield stage("evaluating", "Evaluating the student before its first step")
        self.teacher_scores = self.held_out.scores(self.teacher_logits, self.teacher_logits)
        logits = yield from self.held_out.predicting(student, self.held_out.read, device)
        self.initial = self.held_out.scores(logits, self.teacher_logits)
        if not finite(result["loss"] for result in self.initial.values()):
            raise Diverged(UNSOUND_START)
        self._make_training()
        reported, first = self.held_out.reported, self.initial[self.held_out.decides]
        self.curve = [{
            "step": 0, "loss": None, "losses": {}, "seconds": 0.0, "val_accuracy": first["accuracy"], "val_loss": first["loss"],
            "val_groups": by_group(first, self.task.labels),
        }]
        yield Event("prepared", {
            "steps": self.steps, "k": recipe.k, "teacher_layers": teacher.layers, "train_examples": len(self.training.examples),
            "device": device.kind, "dtype": device.dtype, "parameters": self.parameters, "seconds": self.clock.seconds,
            "teacher": figures(self.teacher_scores[reported]), "initial": figures(self.initial[reported]),
            "curve": {"teacher": self.teacher_scores[self.held_out.decides]["accuracy"], "initial": first["accuracy"]},
            "labels": list(self.task.labels), "majority": self.task.split(reported).majority(),
            "fit": {name: self.fit[name] for name in ("figures", "warnings")},
        })

    def _look_at_answers(self) -> dict:
        """Return how teacher and task fit (core/training/fit.py). LabError where the teacher's answers are not finite numbers."""
        teacher = self.teacher
        kept = getattr(self.signals, "logits", None)
        for name, logits in (self.teacher_logits | ({} if kept is None else {"train": kept.cpu()})).items():
            finite_logits(teacher, logits, name)
        if self.overrides.name:  # a mistake on purpose is no news of the teacher
            return teacher.fit
        return with_answers(teacher, self.task, self.held_out.of_check(self.teacher_logits))

    def _make_training(self) -> None:
        """Make the loss, the optimizer and what the loop needs besides."""
        recipe, overrides, settings = self.recipe, self.overrides, self.recipe.optimiser
        labels, limit = self.task.train.labels, recipe.budget.examples
        examples = torch.arange(len(labels)) if limit is None else torch.tensor(stratified(labels, limit, seed=recipe.seed))  # (M,) positions
        shown = self._shown_split()
        if self.signals is None and not recipe.labels.usual:  # without a teacher there is nothing to learn from the others
            examples = examples[shown.labels[examples] != UNLABELLED]
        self.steps = recipe.budget.total_steps(len(labels), settings.batch_size)
        self.evaluation_steps = evaluation_steps(self.steps)
        self.emphasis = layer_weights_for(recipe.objective, self.teacher, self.train_split, self.matched, self.student, self.device)
        optimizer = overrides.optimizer(self.student, settings, self.device)
        rates = [settings.learning_rate * overrides.factor(step, self.steps, settings.warmup) for step in range(self.steps)]
        self.audit = audit(self.student, self.teacher.model, self.kept_words, optimizer, rates)
        self.training = Training(
            self.student, shown, examples, self.steps, self.evaluation_steps, settings, recipe.seed, self.device,
            student_loss(recipe, self.signals, self.matched, self.device, overrides.total, self.emphasis), optimizer,
            self._measure, factor=overrides.factor, micro_batch=self.micro_batch,
        )

    def _shown_split(self) -> EncodedSplit:
        """Return train with the labels that the student sees."""
        wanted, right = self.recipe.labels, self.train_split.labels
        if wanted.usual:
            return self.train_split
        if wanted.kept is not None and wanted.kept > len(right):
            raise LabError(f"The task has {len(right):,} training examples, so {wanted.kept:,} labels cannot be kept; keep fewer, or all.")
        seen = torch.tensor(seen_labels(right.tolist(), len(self.task.labels), wanted.kept, wanted.wrong, self.task.hash))
        there = seen != UNLABELLED
        self.label_counts = {"kept": int(there.sum()), "wrong": int((there & (seen != right)).sum())}
        return dataclasses.replace(self.train_split, labels=seen)

    def step(self) -> Event | None:
        """Make one training step; returns the step event where one is due. Diverged where the losses that it tells are not finite."""
        try:
            event = self.training.step()
        except Diverged as error:
            raise unsound_signal(self.signals) or error from None
        if event is not None:
            if self.emphasis is not None:
                event.data["emphasis"] = self.emphasis.record()
            self.rate = event.data["tokens_per_second"]
            kept = {name: event.data[name] for name in ("step", "loss", "losses", "seconds", "emphasis") if name in event.data}
            self.curve.append(kept | {"seconds": round(kept["seconds"], 3), "val_accuracy": None, "val_loss": None})
        return event

    def evaluate(self) -> Iterator[Event]:
        """Measure the student on the split that decides: turns, then an evaluated event, with how far each part has moved."""
        fixed = self.overrides.fixed_pairs
        chosen = self.training.examples[:fixed]
        more = {"fixed_loss": training_mode_loss(self.student, self.train_split, chosen, self.device)} if fixed else {}
        for event in self.training.evaluate():
            if event.kind == "evaluated":
                found = {name: event.data[name] for name in ("val_accuracy", "val_loss", "val_groups")}
                self.curve[-1] |= found | {"seconds": round(event.data["seconds"], 3)} | more
                event.data["moved"] = update_norms(self.student, self.before)  # for who watches; the record has the last
            yield event

    def _measure(self) -> Iterator[Event]:
        name, task = self.held_out.decides, self.task
        self.latest = yield from predicting(self.student, self.held_out.split(name), self.device)
        result = scores(self.latest, self.held_out.split(name).labels, None, task.split(name).tags)
        return {"accuracy": result["accuracy"], "loss": result["loss"], "groups": by_group(result, task.labels)}

    def _record(self) -> Iterator[Event]:
        recipe, held_out, finished = self.recipe, self.held_out, self.made == self.steps
        yield stage("evaluating", "Evaluating the student")
        # a stopped run is measured where it stands, on the check part alone: others wait, and the test split is not for it
        reported = held_out.reported if finished else "check"
        logits = {held_out.decides: self.latest} if finished else {}
        left = [name for name in (held_out.read if finished else ("check",)) if name not in logits]
        logits |= yield from held_out.predicting(self.student, left, self.device)
        final = held_out.scores(logits, self.teacher_logits)
        if not finite(result["loss"] for result in final.values()):
            raise broke_off(self.training, "The student's loss")
        norms = update_norms(self.student, self.before)
        notes = self.teacher.notes + [f"Part {part!r} did not move in training." for part, norm in norms.items() if norm == 0.0]
        if self.micro_batch is not None:
            size = recipe.optimiser.batch_size
            notes.append(f"Short of memory: batches of {size} were computed {self.micro_batch} examples at a time, gradients added.")
        report = held_out.report(self.teacher_scores, self.initial, final, reported, held_out.decides)
        report["teacher"] |= self.teacher.marks
        kept_logits = getattr(self.signals, "logits", None)
        if kept_logits is not None:
            report["teacher"]["train_accuracy"] = brief(kept_logits.cpu(), self.train_split.labels)["accuracy"]
        name, experiment = self.overrides.name, self.overrides.experiment
        record = {
            "id": mistaken_id(recipe, name) if name else experiment_id(recipe, experiment) if experiment else recipe.id,
            "status": "finished" if finished else "stopped", "recipe": recipe.to_dict(), "labels": list(self.task.labels),
            "task_hash": self.task.hash, "steps": self.made, "steps_planned": self.steps, "train_examples": len(self.training.examples),
            **report, "curve": self.curve, "update_norms": norms, "parameters": self.parameters,
            "tokens_per_second": self.rate, "train_seconds": self.curve[-1]["seconds"], "seconds": self.clock.seconds,
            "fit": {name: self.fit[name] for name in ("figures", "warnings")},
            "audit": self.audit, "environment": environment(self.device), "notes": notes,
        }
        if self.label_counts:
            record["label_counts"] = self.label_counts
        if name:
            record["mistake"] = name
        if experiment:
            record["experiment"] = experiment
        if self.overrides.report:
            accuracies = [point["val_accuracy"] for point in self.curve[1:] if point["val_accuracy"] is not None]
            record["reported"] = self.overrides.report(accuracies)
        if self.keeps and record["id"] == recipe.id:  # what was made otherwise than its recipe says cannot be made whole by it
            yield Event("measured", {"record": record})  # stored before the student is: a kill while that is written loses no run
            yield keep(self, record)
        yield Event("finished", {"record": record})

    def state(self) -> tuple[dict[str, Tensor], dict]:
        """Return what the rest of the run depends on, between two steps: tensors by kind/name, and JSON-ready values."""
        training, weights = self.training, vars(self.emphasis) if self.emphasis else {}
        tensors = {f"model/{name}": value for name, value in self.student.named_parameters()}
        for number, state in training.optimizer.state_dict()["state"].items():
            tensors |= {f"optimizer/{number}/{name}": value for name, value in state.items()}
        tensors |= {f"sums/{name}": value for name, value in training.sums.items()}
        tensors |= {f"random/{name}": value for name, value in self.random.items()}
        tensors |= {f"emphasis/{name}": value for name, value in weights.items() if isinstance(value, Tensor)}
        return tensors, {
            "made": training.made, "train_seconds": training.clock.seconds, "evaluating": training.evaluating, "tokens": training.tokens,
            "counted": training.counted, "curve": self.curve, "emphasis_calls": weights.get("calls"), "seconds": self.clock.seconds,
        }

    def load_state(self, tensors: dict[str, Tensor], values: dict) -> None:
        """Go on from a `state`, in a prepared session that made no step yet; KeyError, ValueError or RuntimeError for another run's."""
        training, place = self.training, self.device.torch
        parts: dict[str, dict[str, Tensor]] = {}
        for key, tensor in tensors.items():
            kind, name = key.split("/", 1)
            parts.setdefault(kind, {})[name] = tensor
        with torch.no_grad():
            for name, parameter in self.student.named_parameters():
                parameter.copy_(parts["model"][name])
        states: dict[int, dict[str, Tensor]] = {}
        for name, tensor in parts.get("optimizer", {}).items():
            number, field = name.split("/")
            states.setdefault(int(number), {})[field] = tensor
        training.optimizer.load_state_dict(training.optimizer.state_dict() | {"state": states})
        training.sums = {name: tensor.to(place) for name, tensor in parts.get("sums", {}).items()}
        training.made, training.counted, training.tokens = values["made"], values["counted"], values["tokens"]
        training.evaluating, self.curve = values["evaluating"], values["curve"]
        training.clock.add(values["train_seconds"])
        self.clock.add(values["seconds"])
        for name, tensor in parts.get("emphasis", {}).items():
            setattr(self.emphasis, name, tensor.to(place))
        if values["emphasis_calls"] is not None:
            self.emphasis.calls = values["emphasis_calls"]
        self.random = parts["random"]
