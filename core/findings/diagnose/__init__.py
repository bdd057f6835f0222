"""What went wrong? From figures per epoch alone, the mistakes they are consistent with; from a run's record, what it measured besides."""

from core.findings.diagnose.columns import TwoColumns
from core.findings.diagnose.naming import SYMPTOMS, alarms, counts, diagnose, figures_alone
from core.findings.diagnose.reading import how_read, read_table
from core.findings.diagnose.table import Known, from_records

__all__ = ["SYMPTOMS", "Known", "TwoColumns", "alarms", "counts", "diagnose", "figures_alone", "from_records", "how_read", "read_table"]
