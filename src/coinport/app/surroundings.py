"""What the surroundings say when they fail, in words that name a remedy."""

import errno
from typing import Final

_WORDS: Final = {
    errno.ENOENT: "there is no such file or directory: name one that exists",
    errno.EACCES: "this user may not: give him access, or name another place",
    errno.EPERM: "this user may not: give him access, or name another place",
    errno.EEXIST: "a file is there already: name another place",
    errno.EISDIR: "it is a directory: name a file",
    errno.ENOTDIR: "a part of this path is no directory: name another place",
    errno.EROFS: "it can only be read there: name another place, or mount it for writing",
    errno.ENOSPC: "the disk is full: make room",
    errno.EDQUOT: "the quota of this user is used up: make room",
    errno.EIO: "the disk fails: change it, and go on with a copy",
    errno.EMFILE: "too many files are open: raise the limit (ulimit -n)",
}


def why(error: OSError) -> str:
    return _WORDS.get(error.errno or 0) or (error.strerror or str(error)).lower()
