"""The losses, one file each, named as in a recipe's JSON.

B examples, T tokens, C classes, D hidden size, H heads, d a head's width. A loss is a scalar, computed in float32 at least, whatever
autocast does around it, and no gradient reaches what comes from the teacher. A mean over tokens weighs every non-pad token of the batch
alike; keys at padding count nowhere.
"""
