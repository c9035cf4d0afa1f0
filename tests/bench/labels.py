"""The classifier in a process of its own: python -m tests.bench.labels FILE.jsonl > measured.json.

FILE holds one {"text", "title", "rating"} a line. Memory and load are of the classifier, so nothing else is imported.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path


def memory_mb() -> float:
    """The most this process has held; Linux's own count, which begins anew with each program."""
    try:
        lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
        return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) / 1024
    except (OSError, StopIteration):
        import resource

        most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return most / (1024 * 1024 if sys.platform == "darwin" else 1024)


def main(file: str) -> None:
    bare = memory_mb()
    with Path(file).open(encoding="utf-8") as lines:
        texts = [json.loads(line) for line in lines]
    held = memory_mb()
    begun = time.process_time()
    from feedback_ml.classifier import Classifier

    imported = time.process_time()
    classifier = Classifier.load()
    loaded = time.process_time()
    for each in texts[:200]:
        classifier.label(each["text"], title=each["title"], rating=each["rating"])
    warm = time.process_time()
    for each in texts:
        classifier.label(each["text"], title=each["title"], rating=each["rating"])
    labelled = time.process_time() - warm
    print(
        json.dumps(
            {
                "import_ms": (imported - begun) * 1000,
                "load_ms": (loaded - imported) * 1000,
                "labels_a_second": len(texts) / labelled,
                "over_bare_mb": memory_mb() - held,
                "bare_mb": bare,
            }
        )
    )


if __name__ == "__main__":
    main(sys.argv[1])
