"""What went wrong? From figures per epoch alone, the mistakes they are consistent with; from a run's record, what it measured besides."""

from core.findings.diagnose.counts import counts, figures_alone
from core.findings.diagnose.naming import alarms, diagnose
from core.findings.diagnose.reading import read_table
from core.findings.diagnose.records import from_records
from core.findings.diagnose.symptoms import SYMPTOMS, Symptom
from core.findings.diagnose.table import Known, Recorded, Row, Strategy, Table

__all__ = [
    "SYMPTOMS", "Known", "Recorded", "Row", "Strategy", "Symptom", "Table", "alarms", "counts", "diagnose", "figures_alone", "from_records",
    "read_table",
]
