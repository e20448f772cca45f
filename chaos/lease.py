"""What a run has started and may break, and how it is undone: the face of three small rooms."""

from chaos.heal import Healed, HealSummary, heal_leases, heal_run
from chaos.lease_file import TOXIPROXY, Lease, read_lease, state_dir
from chaos.process_table import ProcessTable

__all__ = [
    "TOXIPROXY",
    "HealSummary",
    "Healed",
    "Lease",
    "ProcessTable",
    "heal_leases",
    "heal_run",
    "read_lease",
    "state_dir",
]
