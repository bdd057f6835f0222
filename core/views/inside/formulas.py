"""What each score of a teacher's layers is: its formula, how it is read, and what it does not say."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Score:
    """formula: LaTeX. reads: one line. silent: what must not be read into it. source: where it was defined, or used this way."""

    name: str
    formula: str
    reads: str
    silent: str
    source: str


SCORES = {
    "cka": Score(
        "CKA",
        r"\mathrm{CKA}(X, Y) = \frac{\lVert Y^\top X \rVert_F^2}{\lVert X^\top X \rVert_F\,\lVert Y^\top Y \rVert_F}",
        "X and Y hold two layers' states of the same examples (means over tokens), centred. 1: the same up to rotation and scale; near 0: unrelated.",
        "Not that one layer can replace another: the layers above were trained on exactly these states, not on rotated ones. A few "
        "directions of large variance can decide it, and with fewer examples than dimensions it is biased upward.",
        "Kornblith, Norouzi, Lee and Hinton 2019, Similarity of Neural Network Representations Revisited",
    ),
    "angular": Score(
        "Angular distance",
        r"d(h_i, h_j) = \frac{1}{\pi}\,\arccos\frac{h_i \cdot h_j}{\lVert h_i \rVert\,\lVert h_j \rVert}",
        "The angle between the first token's states after two layers, the mean over examples. 0: the same direction; 0.5: a right angle; "
        "1: opposite.",
        "Not how much information differs: a rotation that loses nothing moves every state. It sees the first token alone, and no lengths.",
        "Gromov et al. 2024, The Unreasonable Ineffectiveness of the Deeper Layers (there: of the last token)",
    ),
    "influence": Score(
        "Block Influence",
        r"\mathrm{BI}_l = 1 - \mathbb{E}\left[\frac{h_{l-1} \cdot h_l}{\lVert h_{l-1} \rVert\,\lVert h_l \rVert}\right]",
        "How far a layer turns its input, the mean over all tokens. 0: it passes on what it got.",
        "Not how useful the change is, and not what a student loses without the layer: training can repair a large change, "
        "and a small one can decide the answer.",
        "Men et al. 2024, ShortGPT: Layers in Large Language Models are More Redundant Than You Expect",
    ),
    "probes": Score(
        "Linear probe",
        r"\min_{W,b}\ \sum_n -\log \mathrm{softmax}(W^\top z_n + b)_{y_n} + \tfrac{1}{2}\lVert W \rVert^2",
        "Accuracy of a linear classifier on a layer's states z (first token beside the mean over tokens, standardised): what can be read off them.",
        "Not that the teacher uses what can be read there, and not that a student without the layer cannot learn it. A probe of one phenomenon "
        "has fewer examples to learn from than the probe of all.",
        "Alain and Bengio 2016, Understanding intermediate layers using linear classifier probes",
    ),
    "exits": Score(
        "Exit at a layer",
        r"p_l = \mathrm{softmax}(\mathrm{head}(h_l))",
        "Accuracy of the teacher's own head, read after a layer as if the rest were not there (the logit lens): a student of the first "
        "layers starts exactly here, before its first step.",
        "Not what the layer knows: the head was trained on the last layer's states alone, so it may fail on an earlier layer from which a probe "
        "reads the answer. And not how well such a student does once it is trained.",
        "nostalgebraist 2020, interpreting GPT: the logit lens; here with a classifier's head",
    ),
    "entropy": Score(
        "Attention entropy",
        r"H = -\sum_j a_{ij} \ln a_{ij}",
        "In nats, the mean over queries and examples. 0: every token looks at one other; ln(tokens): it looks at all alike.",
        "Not what is moved: where a head looks does not tell what its values carry, and much attention on a separator often means nothing is needed.",
        "Clark et al. 2019, What Does BERT Look At?",
    ),
    "distance": Score(
        "Attention distance",
        r"D = \sum_j a_{ij}\,\lvert i - j \rvert",
        "In tokens, the mean over queries and examples: how far away a head looks.",
        "Not that far is better, nor that the layer joins the two texts of a pair: a head that always looks at the first token counts as far.",
        "Vig and Belinkov 2019, Analyzing the Structure of Attention in a Transformer Language Model",
    ),
    "forming": Score(
        "A prediction forming",
        r"p_l(c) = \mathrm{softmax}(\mathrm{head}(h_l))_c",
        "The head's probabilities after every layer, for one text or pair; the last layer's are the teacher's answer.",
        "Not that the teacher made up its mind at the layer where the answer appears: before that the head may just not be able to read the states. "
        "One example says nothing about others.",
        "nostalgebraist 2020, interpreting GPT: the logit lens; here with a classifier's head",
    ),
    "reading": Score(
        "Attention",
        r"a_{ij} = \mathrm{softmax}_j\!\left(\frac{q_i \cdot k_j}{\sqrt{d}}\right)",
        "How much token i reads from token j in one head of one layer. All that a token reads adds up to 1.",
        "Not what is taken over from there, nor that the answer rests on it: other layers and heads may pass the same on, and a layer that reads a "
        "word also reads what the layers before it have mixed into that place.",
        "Vaswani et al. 2017, Attention Is All You Need; Jain and Wallace 2019, Attention is not Explanation",
    ),
    "bridge": Score(
        "Bridge",
        r"\min_{W,b}\ \sum_t \lVert W h_{a,t} + b - h_{b-1,t} \rVert^2",
        "Over a gap from layer a to layer b: the linear map from the states after a to those that b read in the teacher, over the tokens t of "
        "training texts (with a small ridge). A map from a layer to the head's input reads that layer in the same way.",
        "Not what training would reach: a student's layers change too, and learn some of the missing work. And a map that reads the answer early "
        "does not show that the teacher uses it there.",
        "Belrose et al. 2023, Eliciting Latent Predictions from Transformers with the Tuned Lens (there: maps to the last layer)",
    ),
}
