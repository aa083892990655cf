"""Near-duplicates by Python libraries on a file of bench/near.ts: time with tokenising, pairs found and missed against brute force.

Never part of CI. Needs Python 3.10 and an environment of its own with `pip install rensa datasketch`, and for text-dedup, which asks for Spark
and more that its sketches do not use: `pip install --no-deps text-dedup`, `pip install click click-option-group datasets numpy tqdm scipy
xxhash regex bitarray psutil rich ftfy`.

    npm run bench near -- 20000 --only short --keep FOLDER
    python bench/near-python.py FOLDER/short-20000.jsonl [--records 20000] [--threshold 0.8]

Every library gets the same word 3-grams as Tilth (lower case, runs of letters, digits and underscores), 128 permutations and the bands that
it chooses itself for the threshold; rensa also the 8 bands of 16 of its own benchmark. A pair counts as found when the library gives it out
as a candidate; as wrong when its exact Jaccard similarity stays below the threshold.
"""

import argparse
import json
import re
import time
from collections import defaultdict

WORD = re.compile(r"[0-9a-z_]+")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("path")
    parser.add_argument("--records", type=int, default=20_000)
    parser.add_argument("--threshold", type=float, default=0.8)
    arguments = parser.parse_args()
    texts = read_texts(arguments.path, arguments.records)
    truth = brute_force([shingles(text) for text in texts], arguments.threshold)
    print(f"{len(texts):,} records, {len(truth):,} pairs reach {arguments.threshold}")
    print(f"{'library':34} {'seconds':>8} {'records/s':>10} {'found':>7} {'missed':>7} {'recall':>7} {'wrong':>7}")
    for name, search in searches(arguments.threshold).items():
        start = time.perf_counter()
        try:
            found = search(texts)
        except ImportError as error:
            print(f"{name:34} {error}")
            continue
        seconds = time.perf_counter() - start
        right = len(found & truth)
        print(
            f"{name:34} {seconds:8.2f} {len(texts) / seconds:10,.0f} {right:7,} {len(truth) - right:7,} "
            f"{right / max(1, len(truth)):7.3f} {len(found - truth):7,}"
        )


def searches(threshold: float) -> dict:
    return {
        "datasketch, its own bands": lambda texts: by_datasketch(texts, threshold),
        "text-dedup, its own bands": lambda texts: by_text_dedup(texts, threshold),
        "rensa, 8 bands of 16": lambda texts: by_rensa(texts, threshold, 8),
        "rensa, 16 bands of 8": lambda texts: by_rensa(texts, threshold, 16),
        "rensa, 32 bands of 4": lambda texts: by_rensa(texts, threshold, 32),
    }


def by_datasketch(texts: list[str], threshold: float) -> set[tuple[int, int]]:
    from datasketch import MinHash, MinHashLSH

    index = MinHashLSH(threshold=threshold, num_perm=128)
    pairs = set()
    for number, text in enumerate(texts):
        grams = [gram.encode() for gram in shingles(text)]
        if not grams:
            continue
        sketch = MinHash(num_perm=128)
        sketch.update_batch(grams)
        pairs.update((other, number) for other in index.query(sketch))
        index.insert(number, sketch)
    return pairs


def by_text_dedup(texts: list[str], threshold: float) -> set[tuple[int, int]]:
    """Its sketches and its choice of bands; the pairs that it would join, before it closes them to clusters."""
    import numpy
    from text_dedup.minhash import SIGNATURE_COLUMN, embed_func
    from text_dedup.utils import optimal_param, xxh3_32hash

    bands, rows = optimal_param(threshold, 128, false_positive_weight=0.5, false_negative_weight=0.5)
    prime, largest = numpy.uint64((1 << 61) - 1), numpy.uint64((1 << 32) - 1)
    random = numpy.random.RandomState(42)
    permutations = (
        random.randint(1, prime, size=(128,), dtype=numpy.uint64),
        random.randint(0, prime, size=(128,), dtype=numpy.uint64),
    )
    tables: list[dict[bytes, list[int]]] = [defaultdict(list) for _ in range(bands)]
    pairs = set()
    for number, text in enumerate(texts):
        sketch = embed_func(
            # Its own tokens count each punctuation mark as an empty word; words alone are what the others are given.
            content=" ".join(WORD.findall(text.lower())),
            idx=number,
            num_perm=128,
            ngram_size=3,
            min_length=0,
            hashranges=[(band * rows, (band + 1) * rows) for band in range(bands)],
            permutations=permutations,
            hash_func=xxh3_32hash,
            dtype=numpy.uint64,
            max_hash=largest,
            modulo_prime=prime,
        )
        for table, key in zip(tables, sketch[SIGNATURE_COLUMN]):
            pairs.update((other, number) for other in table[key])
            table[key].append(number)
    return pairs


def by_rensa(texts: list[str], threshold: float, bands: int) -> set[tuple[int, int]]:
    from rensa import RMinHash, RMinHashLSH

    index = RMinHashLSH(threshold=threshold, num_perm=128, num_bands=bands)
    pairs = set()
    for number, text in enumerate(texts):
        grams = list(shingles(text))
        if not grams:
            continue
        sketch = RMinHash(num_perm=128, seed=42)
        sketch.update(grams)
        pairs.update((other, number) for other in index.query(sketch))
        index.insert(number, sketch)
    return pairs


def brute_force(sets: list[set[str]], threshold: float) -> set[tuple[int, int]]:
    """Every pair, by counting shared shingles over an index of all of them."""
    holders: dict[str, list[int]] = defaultdict(list)
    pairs = set()
    for number, grams in enumerate(sets):
        shared: dict[int, int] = defaultdict(int)
        for gram in grams:
            for other in holders[gram]:
                shared[other] += 1
            holders[gram].append(number)
        for other, both in shared.items():
            if both >= threshold * (len(grams) + len(sets[other]) - both) - 1e-9:
                pairs.add((other, number))
    return pairs


def shingles(text: str) -> set[str]:
    words = WORD.findall(text.lower())
    if len(words) < 3:
        return {" ".join(words)} if words else set()
    return {" ".join(words[at : at + 3]) for at in range(len(words) - 2)}


def read_texts(path: str, records: int) -> list[str]:
    with open(path, encoding="utf-8") as lines:
        return [json.loads(line)["text"] for line, _ in zip(lines, range(records))]


if __name__ == "__main__":
    main()
