"""A run with figures that are not finite numbers: an older program kept such runs; today they break off with a sentence."""

from core.findings.finding import Finding, write

NOT_FINITE = "not-finite"


def not_finite(run: dict) -> Finding:
    """Write the one finding about such a run (core.store.records.finite says which they are). It names where the record shows the first of them."""
    first, figures = _first(run)
    template = f"This run's figures are not finite numbers, so it says nothing: {first}. Run it again: it then breaks off and says why."
    return write("learning", template, {"mistake": NOT_FINITE} | figures, [run["id"]], "clear", "its record")


def _first(run: dict) -> tuple[str, dict]:
    if run["teacher"]["loss"] is None:
        return "the teacher's own answers were NaN or infinite already", {}
    if run["initial"]["loss"] is None:
        return "the student's answers were NaN or infinite before its first step already", {}
    point = next((point for point in run["curve"] if point["step"] and point["loss"] is None), None)
    if point is None:
        return "its answers were NaN or infinite at the end", {}
    return "its loss was no longer a number by step {step}", {"step": point["step"]}
