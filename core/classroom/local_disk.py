"""Classes are kept on a disk of this machine: SQLite's write-ahead log needs memory that all its processes share, which no network disk gives."""

from pathlib import Path

from core.errors import LabError
from core.home import home

MOUNTS = Path("/proc/self/mounts")
NETWORK = (
    "nfs", "nfs4", "cifs", "smb3", "smbfs", "smb2", "9p", "afs", "ceph", "glusterfs", "lustre", "gpfs", "beegfs", "ocfs2", "gfs2", "davfs", "webdav",
    "fuse.sshfs", "fuse.glusterfs", "fuse.s3fs", "fuse.rclone", "fuse.davfs", "fuse.gcsfuse", "fuse.ceph", "fuse.juicefs", "fuse.blobfuse2",
)


def require() -> None:
    """Raise LabError where LAYER_LAB_HOME lies on a network disk; a system that does not say what its disks are is taken to have local ones."""
    kind = kind_of(home())
    if kind in NETWORK or str(home()).startswith("\\\\"):
        raise LabError(f"A class needs its run store on a disk of this machine, and {home()} lies on a network disk ({kind or 'a share'}); "
                       "start the server with LAYER_LAB_HOME set to a local folder.")


def kind_of(path: Path) -> str:
    """Return the type of file system that holds a path, as the kernel names it; '' where it is not known."""
    try:
        lines = [line.split() for line in MOUNTS.read_text().splitlines()]
    except OSError:
        return ""
    places = [(Path(words[1].replace("\\040", " ")), words[2]) for words in lines if len(words) > 2]
    above = [(len(place.parts), kind) for place, kind in places if place == path or place in path.parents]
    return max(enumerate(above), key=lambda one: (one[1][0], one[0]))[1][1] if above else ""  # of several on one place the last one counts
