// A long file: one table of every error, so that codes, documentation and exit codes cannot drift apart.

/** What callers branch on: HTTP status, exit code and retry follow from the kind alone. */
export type ErrorKind = "input" | "not-found" | "unsupported" | "forbidden" | "conflict" | "storage" | "data" | "limit";

interface ErrorEntry {
  readonly kind: ErrorKind;
  /** The value and the place, with `{name}` where a detail stands. */
  readonly message: string;
  /** What the reader can do about it. */
  readonly wayOut: string;
}

/**
 * Every error that leaves Tilth, once. The prefix of a code is its category.
 *
 * `docs/errors.md` is generated from this table; the house test holds both equal.
 */
export const errorCodes = {
  "input/invalid": {
    kind: "input",
    message: "{where}: {problem}.",
    wayOut: "Correct the value and call again.",
  },
  "input/not-found": {
    kind: "not-found",
    message: "There is no file {path}.",
    wayOut: "Check the spelling, or give the full path.",
  },
  "input/is-directory": {
    kind: "input",
    message: "{path} is a folder, not a file.",
    wayOut: "Name the files in it instead.",
  },
  "input/not-a-file": {
    kind: "input",
    message: "{path} is {what}; only files and pipes are read.",
    wayOut: "Name a file or a named pipe, or give the bytes as standard input.",
  },
  "input/archive": {
    kind: "unsupported",
    message: "{path} is {what}, which is not unpacked here.",
    wayOut: "Unpack it with {how}, and name what comes out.",
  },
  "input/needs-file": {
    kind: "unsupported",
    message: "{path} is Parquet, which is read from its end: a pipe or a packed file will not do.",
    wayOut: "Save it to a file as it is, and name that.",
  },
  "input/not-supported": {
    kind: "unsupported",
    message: "{path} is not read here: {problem}.",
    wayOut: "Write it once more in a plainer form, for instance with pyarrow or DuckDB.",
  },
  "input/damaged": {
    kind: "data",
    message: "{path} cannot be read to its end: {problem}.",
    wayOut: "Get or make the file once more.",
  },
  "input/unreadable": {
    kind: "input",
    message: "{path} cannot be read: {reason}.",
    wayOut: "Give this user read access, or copy the file to a place where it can be read.",
  },
  "input/read-once": {
    kind: "input",
    message: "{path} was read already and cannot be read a second time.",
    wayOut: "Save it to a file and name that.",
  },
  "input/empty": {
    kind: "data",
    message: "{path} is empty.",
    wayOut: "Check what wrote it, or name another file.",
  },
  "input/unknown-layout": {
    kind: "unsupported",
    message: "{path} is none of the layouts read here ({layouts}): {reason}.",
    wayOut: "Convert it to one of them, for instance JSON Lines with one object a line.",
  },
  "format/unknown": {
    kind: "unsupported",
    message: "No format recognises these rows. Their keys are: {keys}.",
    wayOut: "Name one with --format NAME ({formats}), or say what the columns mean with --map FIELD=COLUMN.",
  },
  "format/ambiguous": {
    kind: "input",
    message: "These rows can be read as {one} and as {other}.",
    wayOut: "Say which with --format {one} or --format {other}.",
  },
  "format/not-written": {
    kind: "unsupported",
    message: "The format {format} is only read.",
    wayOut: "Name another one with --format.",
  },
  "export/bad-receipt": {
    kind: "conflict",
    message: "{path} is no receipt of an export.",
    wayOut: "Move it away, or export into another folder.",
  },
  "export/changed": {
    kind: "conflict",
    message: "The examples changed while they were exported: {file} has {rows} rows instead of {expected}.",
    wayOut: "Export again, or commit a version and export that.",
  },
  "format/late-column": {
    kind: "data",
    message: "Row {row} has the column {column}, which the first row did not have.",
    wayOut: "Name every column of the file before it is written.",
  },
  "format/unfit-cell": {
    kind: "data",
    message: "Row {row} holds something in the column {column} that the column's type cannot hold.",
    wayOut: "Correct the value, or write a layout without types such as JSON Lines.",
  },
  "format/configuration": {
    kind: "unsupported",
    message: "This is {what}: it says what the columns of other files mean and holds no examples.",
    wayOut: "Import the files it names instead.",
  },
  "map/unknown-field": {
    kind: "input",
    message: "A map cannot fill {field}.",
    wayOut: "{hint}",
  },
  "map/unknown-column": {
    kind: "input",
    message: "The map reads {column} for {field}, but the rows have no such column.",
    wayOut: "{hint}",
  },
  "map/syntax": {
    kind: "input",
    message: "Column {column} of the map {entry}: {problem}.",
    wayOut: "Expected {expected}.",
  },
  "map/no-kind": {
    kind: "input",
    message: "The map makes no example: {problem}.",
    wayOut: "{hint}",
  },
  "filter/unknown-field": {
    kind: "input",
    message: "Column {column} of the filter: there is no field {field}.",
    wayOut: "{hint}",
  },
  "filter/syntax": {
    kind: "input",
    message: "Column {column} of the filter: {problem}.",
    wayOut: "Expected {expected}.",
  },
  "filter/limit": {
    kind: "limit",
    message: "The filter has too many {what}: at most {limit}.",
    wayOut: "Shorten it, or filter in two steps.",
  },
  "example/not-found": {
    kind: "not-found",
    message: "There is no example {id}.",
    wayOut: "`tilth list` shows ids; the start of an id is enough.",
  },
  "example/ambiguous": {
    kind: "input",
    message: "More than one example's id begins with {id}.",
    wayOut: "Give more of it.",
  },
  "example/refused": {
    kind: "data",
    message: "The example is refused by the rule {rule}: {message}.",
    wayOut: "Correct what it says and try again; nothing was stored.",
  },
  "example/stale": {
    kind: "conflict",
    message: "Example {id} is at revision {current}, the edit was made for {given}: {values}.",
    wayOut: "Look at it again and edit revision {current}.",
  },
  "dataset/stale": {
    kind: "conflict",
    message: "The dataset {dataset} is at revision {current}, the change was made for {given}.",
    wayOut: "Look at it again and send the change for revision {current}; nothing was done.",
  },
  "example/equal": {
    kind: "conflict",
    message: "Example {id} would then say exactly what {twin} says already.",
    wayOut: "Trash one of the two, or change it otherwise; nothing was stored.",
  },
  "dedupe/nothing-to-undo": {
    kind: "conflict",
    message: "Nothing is left to take back of the search for duplicates{run}.",
    wayOut:
      "`tilth list --where 'isDuplicate = true'` lists what is marked, `tilth list --where 'lifecycle = trashed'` what lies in the trash.",
  },
  "dedupe/too-many": {
    kind: "limit",
    message: "{examples} examples are too many to compare each with each by meaning; {limit} are possible.",
    wayOut: "Name a dataset or a filter: `tilth dedupe DATASET --strategy semantic`, `--where 'type = gm'`.",
  },
  "example/nothing-to-undo": {
    kind: "conflict",
    message: "The example {id} is as it was when it came: there is no change to undo.",
    wayOut: "`tilth history` shows the changes of an example.",
  },
  "storage/object-missing": {
    kind: "storage",
    message: "The object {key} is missing from the version store.",
    wayOut: "Run `tilth verify` to see which versions need it, and bring it back from a backup.",
  },
  "storage/write-failed": {
    kind: "storage",
    message: "{path} cannot be written: {reason}.",
    wayOut: "Make room, or give this user write access, and try again: nothing was committed.",
  },
  "storage/newer-store": {
    kind: "unsupported",
    message: "{path} has format {found}; this Tilth reads up to format {known}.",
    wayOut: "Use a newer Tilth.",
  },
  "version/not-found": {
    kind: "not-found",
    message: "There is no version {version} of {dataset}.",
    wayOut: "{hint}",
  },
  "version/ambiguous": {
    kind: "input",
    message: "{version} of {dataset} lies on more than one branch: {branches}.",
    wayOut: "Name the branch, as in {example}.",
  },
  "version/damaged": {
    kind: "storage",
    message: "{object} of the version store is damaged: {problem}.",
    wayOut: "Run `tilth verify` to see what else is, and bring it back from a backup.",
  },
  "version/lost-races": {
    kind: "conflict",
    message: "Others committed to {dataset} first, {tries} times in a row.",
    wayOut: "Try again when fewer writers commit to it.",
  },
  "dataset/not-found": {
    kind: "not-found",
    message: "There is no dataset {dataset}.",
    wayOut: "{hint}",
  },
  "dataset/exists": {
    kind: "conflict",
    message: "There is a dataset {name} already; its id is {id}.",
    wayOut: "{hint}",
  },
  "dataset/target-not-empty": {
    kind: "conflict",
    message: "{path} is not empty and does not hold this version.",
    wayOut: "Empty it, or name another folder.",
  },
  "split/bad-ratios": {
    kind: "input",
    message: "The shares of train, validation and test are {ratios}: each must be 0 to 1 and together they must be 1.",
    wayOut: "Give three shares such as 0.9, 0.05 and 0.05.",
  },
  "import/unbalanced": {
    kind: "storage",
    message: "{read} rows were read but {sum} are accounted for.",
    wayOut: "This is a fault of Tilth; what was stored is sound.",
  },
  "job/not-found": {
    kind: "not-found",
    message: "There is no job {job}.",
    wayOut: "`tilth jobs` lists them; those that ended long ago are taken away.",
  },
  "job/not-cancellable": {
    kind: "conflict",
    message: "The job {job} has ended already: it is {status}.",
    wayOut: "Its result stays; what it did is undone by the operations that undo.",
  },
  "job/not-retryable": {
    kind: "conflict",
    message: "The job {job} is {status}: only one that failed or was cancelled is tried again.",
    wayOut: "`tilth jobs show {job}` says how far it is.",
  },
  "job/cancelled": {
    kind: "conflict",
    message: "The job {job} was cancelled.",
    wayOut: "`tilth jobs retry {job}` begins it again; what it had stored stays.",
  },
  "job/body-gone": {
    kind: "conflict",
    message: "The job {job} cannot be tried again: the bytes it was sent were taken away when it ended.",
    wayOut: "Send the file once more.",
  },
  "job/interrupted": {
    kind: "limit",
    message: "The server is being stopped: the job {job} goes on when it is started again.",
    wayOut: "Ask for /api/training-data/jobs/{job} in {seconds} seconds.",
  },
  "job/process-ended": {
    kind: "limit",
    message: "The process that did the work ended before it was done: {reason}.",
    wayOut: "Send the request again in a moment; the server's log may say more.",
  },
  "auth/required": {
    kind: "forbidden",
    message: "This needs a key or a session: {reason}.",
    wayOut: "Send the header `Authorization: Bearer KEY`; `tilth key create NAME` makes a key.",
  },
  "auth/invalid": {
    kind: "forbidden",
    message: "The {what} is not valid: {reason}.",
    wayOut: "Ask an administrator for a new one.",
  },
  "auth/wrong-sign-in": {
    kind: "forbidden",
    message: "Name or password is wrong.",
    wayOut: "Check both; `tilth user password NAME` sets a new password.",
  },
  "auth/throttled": {
    kind: "limit",
    message: "There were too many attempts to sign in.",
    wayOut: "Wait {seconds} seconds and try again.",
  },
  "auth/too-many-requests": {
    kind: "limit",
    message: "There were more than {limit} requests within a minute.",
    wayOut: "Wait {seconds} seconds and go on more slowly, or send more in one request.",
  },
  "auth/forbidden": {
    kind: "forbidden",
    message: "{actor} may not do this: it needs {scope}.",
    wayOut: "Ask an administrator for a key with this scope, or for another role.",
  },
  "auth/dataset-forbidden": {
    kind: "forbidden",
    message: "{actor} reaches some datasets only: {problem}.",
    wayOut: "Name one of these: {datasets}.",
  },
  "auth/cross-site": {
    kind: "forbidden",
    message: "The request was not made by Tilth's own page: {reason}.",
    wayOut: "Use Tilth's own page, or a key in the header `Authorization`.",
  },
  "auth/exists": {
    kind: "conflict",
    message: "There is a {what} named {name} already.",
    wayOut: "Choose another name.",
  },
  "auth/not-found": {
    kind: "not-found",
    message: "There is no {what} {name}.",
    wayOut: "{hint}",
  },
  "auth/weak-password": {
    kind: "input",
    message: "The password is {problem}.",
    wayOut: "Take a longer one: a few words in a row are easy to keep and hard to guess.",
  },
  "config/invalid": {
    kind: "input",
    message: "{path}, line {line}: {problem}.",
    wayOut: "Correct the file and call again.",
  },
  "pack/not-found": {
    kind: "not-found",
    message: "There is no pack {name}.",
    wayOut: "{hint}",
  },
  "pack/invalid": {
    kind: "input",
    message: "The pack {path}, line {line}: {problem}.",
    wayOut: "Correct the file and call again.",
  },
  "rule/failed": {
    kind: "unsupported",
    message: "The rule {rule} broke on an example ({reason}).",
    wayOut: "Set it to false under rules in tilth.yaml, or remove the plugin it comes from.",
  },
  "rule/unknown": {
    kind: "input",
    message: "The packs set {what}, which no rule has.",
    wayOut: "{hint}",
  },
  "config/unsupported": {
    kind: "unsupported",
    message: "{path} sets {key}, which this Tilth cannot use yet.",
    wayOut: "Take the line out: pool and versions then lie in .tilth/ beside the file.",
  },
  "workspace/not-found": {
    kind: "not-found",
    message: "There is no Tilth workspace in {path} or any folder above it.",
    wayOut: "Run `tilth init` there, or name one with --workspace or TILTH_WORKSPACE.",
  },
  "workspace/target-not-empty": {
    kind: "conflict",
    message: "{path} is not empty: a backup takes a folder of its own.",
    wayOut: "Name a folder that is not there yet, or is empty; nothing was written.",
  },
  "workspace/exists": {
    kind: "conflict",
    message: "{path} is a Tilth workspace already.",
    wayOut: "Use it as it is, or choose another folder.",
  },
  "workspace/in-use": {
    kind: "conflict",
    message: "{path} is in use: another program has its pool open.",
    wayOut: "Stop that program, such as a server, or name another folder.",
  },
  "workspace/not-writable": {
    kind: "storage",
    message: "{path} cannot be written: {reason}.",
    wayOut: "Give this user write access, or name another folder with --workspace.",
  },
  "workspace/key-missing": {
    kind: "storage",
    message: "The key of pseudonyms {path} cannot be read: {reason}.",
    wayOut: "Bring it back from a backup: with another key, people who are in the pool would no longer be recognised.",
  },
  "embed/unknown": {
    kind: "input",
    message: "There is no embedder {name}.",
    wayOut: "There are static-v2, hash-v1 and static-v2+hash.5; networks are named by an object with kind, path or url.",
  },
  "embed/table-unreadable": {
    kind: "storage",
    message: "The embedder's table {path} cannot be used: {reason}.",
    wayOut: "Install Tilth once more, or set embedder: hash-v1 in tilth.yaml, which needs no table.",
  },
  "embed/package-missing": {
    kind: "unsupported",
    message: "This embedder runs on the package {package}, which cannot be loaded: {reason}.",
    wayOut: "Install it beside Tilth: {command}",
  },
  "embed/model-missing": {
    kind: "not-found",
    message: "There is no usable model in {path}: {reason}.",
    wayOut: "Put the model's folder there, with config.json, tokenizer.json and onnx/model.onnx; nothing is downloaded.",
  },
  "embed/key-missing": {
    kind: "forbidden",
    message: "The environment variable {variable} holds no key for {url}.",
    wayOut: "Set it for this process; keys are never read from tilth.yaml.",
  },
  "embed/endpoint-refused": {
    kind: "input",
    message: "{url} refused to embed with status {status}: {reason}.",
    wayOut: "Check the address, the model's name and the key.",
  },
  "embed/endpoint-failed": {
    kind: "limit",
    message: "{url} gave no vectors in {attempts} attempts: {reason}.",
    wayOut: "Call again later; what was answered so far is remembered by this process.",
  },
  "embed/bad-answer": {
    kind: "data",
    message: "{where} answered with something else than the vectors asked for: {problem}.",
    wayOut: "Check that it is an embedding model behind an OpenAI-compatible /embeddings address, and that dimensions suits it.",
  },
  "embed/mismatch": {
    kind: "conflict",
    message: "{what} was made with the embedder {found}, this is {expected}: their vectors cannot be compared.",
    wayOut: "Build it again with this embedder, or name the other one.",
  },
  "embed/too-many-vectors": {
    kind: "limit",
    message: "These vectors need {bytes} bytes in one memory, which holds at most {limit}.",
    wayOut: "Divide the pool, for instance by dataset or type, or choose an embedder with fewer dimensions.",
  },
  "freshness/empty-text": {
    kind: "data",
    message: "The text holds no word, so there is nothing to compare (empty-text).",
    wayOut: "Give a text with at least one word, number or emoji.",
  },
  "freshness/too-long": {
    kind: "limit",
    message: "Text {number} has {bytes} bytes; at most {limit} are compared.",
    wayOut: "Cut it, or compare its parts.",
  },
  "freshness/too-much": {
    kind: "limit",
    message: "These texts have {bytes} bytes or more together; at most {limit} are compared at once.",
    wayOut: "Check them in several calls.",
  },
  "storage/index-unusable": {
    kind: "storage",
    message: "The index {path} cannot be used: {problem}.",
    wayOut: "Build it again: everything in it comes from the pool.",
  },
  "storage/not-a-pool": {
    kind: "storage",
    message: "{path} is not a Tilth pool: {reason}.",
    wayOut: "Name the pool's own file, or move this one away so that a new pool can be made.",
  },
  "storage/not-writable": {
    kind: "storage",
    message: "The pool {path} cannot be written: {reason}.",
    wayOut: "Give this user write access to the file and its folder, or name another place.",
  },
  "storage/network-file-system": {
    kind: "unsupported",
    message: "{path} lies on a network file system ({fileSystem}), where several writers can damage a pool.",
    wayOut: "Put the workspace on a local disk, or use PostgreSQL.",
  },
  "storage/newer-schema": {
    kind: "unsupported",
    message: "The pool {path} has schema {found}; this program knows schemas up to {known}.",
    wayOut: "Use the newer Tilth that wrote it.",
  },
  "storage/damaged": {
    kind: "storage",
    message: "The pool {path} is damaged: {reason}.",
    wayOut: "Stop every program that uses it and restore the last backup.",
  },
  "storage/busy": {
    kind: "storage",
    message: "The pool {path} was kept busy by another process: {reason}.",
    wayOut: "Try again in a moment.",
  },
  "storage/full": {
    kind: "storage",
    message: "There is no room left for the pool {path}: {reason}.",
    wayOut: "Free space on its disk and try again.",
  },
  "storage/io": {
    kind: "storage",
    message: "The disk of the pool {path} failed: {reason}.",
    wayOut: "Check the disk and the system's log.",
  },
  "storage/refused": {
    kind: "data",
    message: "The pool {path} refused a row: {reason}.",
    wayOut: "Correct the values that break the named rule; nothing of this write was stored.",
  },
  "storage/failed": {
    kind: "storage",
    message: "A query on the pool {path} failed: {reason}.",
    wayOut: "This is a mistake in the program: please report it.",
  },
  "storage/writer-stopped": {
    kind: "storage",
    message: "The writer of the pool {path} stopped: {reason}.",
    wayOut: "Open the pool again; whatever was acknowledged is stored.",
  },
  "storage/exists": {
    kind: "conflict",
    message: "{path} is there already.",
    wayOut: "Name a file that is not there yet; nothing was replaced.",
  },
  "storage/closed": {
    kind: "storage",
    message: "The pool {path} is closed.",
    wayOut: "Open it again.",
  },
  "request/not-found": {
    kind: "not-found",
    message: "There is nothing at {path}.",
    wayOut: "/api lists what there is.",
  },
  "request/method": {
    kind: "input",
    message: "{path} does not answer {method}.",
    wayOut: "It answers {allowed}.",
  },
  "request/malformed": {
    kind: "input",
    message: "The request cannot be read: {problem}.",
    wayOut: "Correct it and send it again.",
  },
  "request/query": {
    kind: "input",
    message: "{where}: {problem}.",
    wayOut: "/api describes what the address may say.",
  },
  "request/body": {
    kind: "input",
    message: "The body does not fit: {where}: {problem}.",
    wayOut: "/api describes it; nothing was done.",
  },
  "request/media-type": {
    kind: "unsupported",
    message: "The body is {given}, which is not read here.",
    wayOut: "{hint}",
  },
  "request/too-large": {
    kind: "limit",
    message: "The body is larger than {limit} bytes.",
    wayOut: "{hint}",
  },
  "request/too-slow": {
    kind: "limit",
    message: "The body did not arrive in {seconds} seconds.",
    wayOut: "Send it again; a large one in pieces, through /api/training-data/uploads.",
  },
  "capture/too-large": {
    kind: "limit",
    message: "{events} events are more than the {limit} of one call.",
    wayOut: "Send them in several calls; none of them was taken.",
  },
  "capture/too-many": {
    kind: "limit",
    message: "More than {limit} captured events of {actor} wait for the pool.",
    wayOut: "Send them again in {seconds} seconds; none of them was taken.",
  },
  "request/range": {
    kind: "input",
    message: "{path} has {bytes} bytes: the range asked for lies outside.",
    wayOut: "Ask for a range inside, or for the whole.",
  },
  "request/overloaded": {
    kind: "limit",
    message: "The server is busy: {reason}.",
    wayOut: "Call again in {seconds} seconds; nothing was done.",
  },
  "request/stopped": {
    kind: "limit",
    message: "The server was stopped before the request was done.",
    wayOut: "Send it again: what was stored stays, and is not stored twice.",
  },
  "request/stale": {
    kind: "conflict",
    message: "{path} is at {current}, the request is for {given}.",
    wayOut: "Look at it again and send the change for {current}; nothing was done.",
  },
  "request/no-precondition": {
    kind: "input",
    message: "{path} has no state that If-Match could name.",
    wayOut: "Send it without If-Match; nothing was done.",
  },
  "request/key-reused": {
    kind: "conflict",
    message: "This Idempotency-Key came with another request before.",
    wayOut: "Take a new key for a new request; nothing was done.",
  },
  "request/key-busy": {
    kind: "conflict",
    message: "The request with this Idempotency-Key is still being answered.",
    wayOut: "Send it again in a moment.",
  },
  "request/outcome-unknown": {
    kind: "conflict",
    message: "The server stopped while it answered the request with this Idempotency-Key: nobody knows whether it was done.",
    wayOut: "Look whether it was; if not, send it again with a new key.",
  },
  "upload/not-found": {
    kind: "not-found",
    message: "There is no upload {upload}.",
    wayOut: "It may have expired: begin a new one.",
  },
  "upload/wrong-offset": {
    kind: "conflict",
    message: "The upload has {offset} bytes, the request begins at {given}.",
    wayOut: "Go on at {offset}.",
  },
  "upload/busy": {
    kind: "conflict",
    message: "Another request writes to this upload.",
    wayOut: "Ask for its offset in a moment and go on from there.",
  },
  "upload/incomplete": {
    kind: "conflict",
    message: "The upload has {offset} of {total} bytes.",
    wayOut: "Send the rest first.",
  },
  "upload/too-many": {
    kind: "limit",
    message: "There are too many unfinished uploads: {what}.",
    wayOut: "Finish or delete some; abandoned ones are taken away after {hours} hours.",
  },
  "export/no-file": {
    kind: "not-found",
    message: "The export has no file {file}.",
    wayOut: "{hint}",
  },
  "server/needs-keys": {
    kind: "forbidden",
    message: "Without keys the server listens on this machine alone, not on {host}.",
    wayOut: "Make a key or a user first, or leave --host away.",
  },
  "client/unreachable": {
    kind: "storage",
    message: "{url} cannot be reached: {reason}.",
    wayOut: "Check the address, and whether the server runs.",
  },
  "client/redirected": {
    kind: "input",
    message: "{url} leads to {to}, where nothing is sent by itself.",
    wayOut: "If that is the right place, name it as the address.",
  },
  "client/not-tilth": {
    kind: "unsupported",
    message: "{url} does not answer as Tilth does: {problem}.",
    wayOut: "Check the address: what stands before /api belongs to it.",
  },
  "client/unknown-problem": {
    kind: "unsupported",
    message: "The server refused with {status} {code}: {problem}",
    wayOut: "A newer client may know this code.",
  },
  "client/changed": {
    kind: "conflict",
    message: "{file} is not what the server announced: {problem}.",
    wayOut: "Somebody may have changed it meanwhile: call again.",
  },
  "server/failed": {
    kind: "storage",
    message: "The server failed with {status}: {problem}",
    wayOut: "Its log says more about request {requestId}.",
  },
  "credentials/open": {
    kind: "forbidden",
    message: "{path} holds keys and can be read by others ({mode}).",
    wayOut: "Run `chmod 600 {path}`; whoever may have read a key: `tilth key revoke` ends it.",
  },
  "credentials/damaged": {
    kind: "input",
    message: "{path} holds no keys that can be read: {problem}.",
    wayOut: "Take it away and run `tilth login` again.",
  },
  "server/cannot-listen": {
    kind: "input",
    message: "The server cannot listen on {address}: {reason}.",
    wayOut: "Name another one with --host and --port.",
  },
} as const satisfies Record<string, ErrorEntry>;

export type ErrorCode = keyof typeof errorCodes;

type Placeholder<Text extends string> = Text extends `${string}{${infer Name}}${infer Rest}` ? Name | Placeholder<Rest> : never;
type Detail = string | number | boolean;
/** What programs may want beside the sentence. */
type Further = Detail | readonly string[] | readonly Readonly<Record<string, unknown>>[] | undefined;

/** The details a code's message needs; further ones may be added for programs. */
export type ErrorDetails<Code extends ErrorCode> = Readonly<Record<Placeholder<(typeof errorCodes)[Code]["message" | "wayOut"]>, Detail>> &
  Readonly<Record<string, Further>>;

/**
 * A call that cannot be honoured. Flawed data is never an error but a finding.
 *
 * @example
 * throw new TilthError("workspace/not-found", { path: process.cwd() });
 */
export class TilthError<Code extends ErrorCode = ErrorCode> extends Error {
  override readonly name = "TilthError";
  readonly code: Code;
  readonly kind: ErrorKind;
  readonly details: Readonly<Record<string, Further>>;

  constructor(code: Code, details: ErrorDetails<Code>, options: { readonly cause?: unknown } = {}) {
    const entry: ErrorEntry = errorCodes[code];
    super(fill(`${entry.message} ${entry.wayOut}`, details), options);
    this.code = code;
    this.kind = entry.kind;
    this.details = details;
  }
}

/** True for errors of ours, also across worker boundaries and duplicate module copies. */
export function isTilthError(error: unknown): error is TilthError {
  return error instanceof Error && error.name === "TilthError" && "code" in error;
}

/** One detail of an error as the sentence has it. */
export function detailText({ details }: Pick<TilthError, "details">, name: string): string {
  const value = details[name];
  return typeof value === "object" ? JSON.stringify(value) : `${value}`;
}

function fill(text: string, details: Readonly<Record<string, unknown>>): string {
  return text.replaceAll(/\{(\w+)\}/g, (_, name: string) => String(details[name]));
}
