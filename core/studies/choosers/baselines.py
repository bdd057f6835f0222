"""What an algorithm has to beat: the presets, chance, and the sum of layer numbers. None of them looks at the teacher."""

import random

from core.models.teachers import Teacher
from core.recipe import preset
from core.statistics.agreement import sum_of_layers
from core.studies.choosers.ranked import Chooser, Ranked, Scored, chooser, listed
from core.studies.choosers.sample import Sample


def named_preset(name: str) -> Chooser:
    """The chooser that names one preset's choice and nothing else."""

    @chooser
    def choose(teacher: Teacher, sample: Sample, k: int) -> Ranked:
        return Ranked((Scored(preset(name, teacher.layers, k), 0.0),), complete=teacher.layers == k)

    return choose


@chooser
def at_random(teacher: Teacher, sample: Sample, k: int) -> Ranked:
    """Every choice a number drawn with a fixed seed, the same for the same layers and k."""
    return listed(lambda choice: random.Random(f"{teacher.layers}/{choice}").random(), teacher.layers, k)


@chooser
def lowest_sum(teacher: Teacher, sample: Sample, k: int) -> Ranked:
    """The lower the sum of its layer numbers, the better: the nearer the input, whatever the teacher."""
    return listed(sum_of_layers, teacher.layers, k)
