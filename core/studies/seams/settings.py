"""What measuring seams reads, and how bridges are fitted. Ours: round numbers, none of them searched for on a run; of the ridge of bridges to the
head three were tried beside full runs of 2 and 4 layers of the built-in task."""

TRAIN_EXAMPLES = 2000  # of train, by label: of these come the texts that bridges are fitted to
TOKENS = 20_000  # that bridges to layers are fitted to, at least: some tens for each dimension of the states
TEXTS = 1000  # that bridges to the head are fitted to
HEAD_RIDGE = 1e-2  # of bridges to the head, which reads one token of a text: fewer states than a layer reads
DEEP = 8  # a teacher of more layers has so many seams that fewer examples are read for each
TEXTS_OF_DEEP = 400
EXAMPLES_OF_DEEP = 200  # of the 600 of the check part
BATCH = 32

SETTINGS = {
    "seam_train_examples": TRAIN_EXAMPLES, "seam_tokens": TOKENS, "seam_texts": TEXTS, "seam_head_ridge": HEAD_RIDGE, "seam_deep": DEEP,
    "seam_texts_of_deep": TEXTS_OF_DEEP, "seam_examples_of_deep": EXAMPLES_OF_DEEP,
}
