"""Rebuild the tables of README and docs: `python -m reports.tables [RESULTS]`.

Without RESULTS, the results.json of a run, they are made of docs/results/results.json; with it,
that file is replaced first. `make tables` runs this.
"""

import sys
from pathlib import Path

from reports.tables.documentation import RESULTS, DocumentationError, compact, rebuild
from validate.results.records import ResultsError, load_results
from validate.results.whole_file import write_whole

ROOT = Path(__file__).parents[2]


def main(words: list[str], root: Path = ROOT) -> int:
    """Write what has changed and tell it; the exit status is 1 for results that cannot be shown."""
    if len(words) > 1:
        print("one results.json at a time", file=sys.stderr)
        return 2
    try:
        results = load_results(Path(words[0]) if words else root / RESULTS)
        if words:
            results = compact(results)
            write_whole(root / RESULTS, results.to_json().encode())
        made = [*rebuild(root, results)]
    except (ResultsError, DocumentationError) as error:
        print(f"Error: {error}", file=sys.stderr)
        return 1
    for path, text in made:
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            write_whole(path, text.encode())
            print(f"wrote {path.relative_to(root)}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
