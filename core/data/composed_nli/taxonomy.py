"""The words: what is a kind of what, what excludes what, and which words fit which predicates.

Everything is a tuple, never a set, so that drawing from it depends on the random seed alone.
"""

# Kind -> its members. Members of one kind exclude each other; each member is a kind of the key.
KINDS: dict[str, tuple[str, ...]] = {
    "dog": ("poodle", "terrier", "beagle", "spaniel", "collie", "bulldog", "greyhound", "dachshund"),
    "bird": ("sparrow", "robin", "crow", "owl", "pigeon", "eagle", "parrot", "swan", "falcon", "penguin"),
    "fish": ("trout", "salmon", "carp", "shark", "tuna", "herring"),
    "insect": ("bee", "ant", "beetle", "moth", "grasshopper", "wasp", "butterfly"),
    "reptile": ("snake", "lizard", "turtle", "crocodile", "gecko"),
    "vehicle": ("truck", "van", "bus", "tractor", "taxi", "motorcycle", "ambulance", "scooter"),
    "boat": ("canoe", "ferry", "yacht", "kayak", "raft", "gondola"),
    "fruit": ("apple", "pear", "peach", "plum", "lemon", "mango", "banana", "cherry", "melon"),
    "vegetable": ("carrot", "onion", "cabbage", "turnip", "cucumber", "radish", "leek"),
    "instrument": ("guitar", "violin", "piano", "flute", "drum", "trumpet", "cello", "harp", "clarinet"),
    "tool": ("hammer", "saw", "drill", "wrench", "shovel", "rake", "screwdriver"),
    "flower": ("rose", "tulip", "daisy", "lily", "orchid", "sunflower", "violet", "daffodil"),
    "tree": ("oak", "pine", "maple", "birch", "willow", "cedar", "elm"),
    "garment": ("shirt", "skirt", "coat", "sweater", "jacket", "dress", "scarf", "vest"),
    "toy": ("doll", "kite", "puppet", "rattle", "balloon"),
    "gem": ("diamond", "ruby", "emerald", "sapphire", "pearl"),
    "weapon": ("sword", "rifle", "dagger", "spear", "pistol"),
    "dessert": ("cake", "pie", "pudding", "brownie", "pancake"),
    "building": ("church", "hotel", "castle", "barn", "library", "museum", "hospital"),
    "musician": ("guitarist", "violinist", "drummer", "pianist", "cellist", "trumpeter"),
    "athlete": ("swimmer", "boxer", "skier", "gymnast", "wrestler", "sprinter", "cyclist"),
}
# Kinds a person can buy, see or draw as a single thing, and kinds that can be a favorite.
GOODS = ("dog", "bird", "fish", "insect", "reptile", "vehicle", "boat", "fruit", "vegetable", "instrument", "tool", "flower",
         "tree", "garment", "toy", "gem", "weapon", "dessert", "building", "musician", "athlete")
FAVORITES = ("bird", "fish", "insect", "reptile", "vehicle", "boat", "fruit", "vegetable", "instrument", "tool", "flower",
             "tree", "gem")
SMALL = ("bird", "insect", "fruit", "vegetable", "instrument", "tool", "flower", "garment", "toy", "gem", "weapon", "dessert")

# Verbs (past, base) that take one thing as object and do not use it up: kinds of thing they suit.
ANY_VERBS = (("saw", "see"), ("drew", "draw"), ("painted", "paint"), ("photographed", "photograph"), ("noticed", "notice"),
             ("mentioned", "mention"), ("admired", "admire"), ("described", "describe"))
SHOP_VERBS = (("bought", "buy"), ("sold", "sell"), ("found", "find"), ("borrowed", "borrow"), ("stole", "steal"), ("lost", "lose"),
              ("owned", "own"), ("ordered", "order"))
SHOP_KINDS = ("vehicle", "boat", "instrument", "tool", "garment", "toy", "gem", "weapon")

# What groups of a kind can be said to be (plural subject: "All robins are ...").
ANIMAL_STATES = ("asleep", "hungry", "thirsty", "healthy", "awake", "near the pond", "in the shade", "outside")
THING_STATES = ("for sale", "expensive", "old", "broken", "new", "in the basement", "made in Italy", "on display", "missing")
PLANT_STATES = ("fresh", "ripe", "cheap", "organic", "in the kitchen", "from Spain", "on the cart", "for sale")
PERSON_STATES = ("tired", "famous", "hungry", "nervous", "rich", "in the lobby", "on the train", "late", "bored", "ready")
STATES: dict[str, tuple[str, ...]] = {
    "dog": ANIMAL_STATES, "bird": ANIMAL_STATES, "reptile": ANIMAL_STATES,
    "fish": ("asleep", "hungry", "healthy", "alive", "near the surface", "in the net"),
    "insect": ("alive", "hungry", "harmless", "in the jar", "near the window", "outside"),
    "vehicle": ("for sale", "expensive", "old", "new", "outside", "in the garage", "missing"),
    "boat": ("for sale", "expensive", "old", "new", "on the river", "in the harbor", "missing"),
    "instrument": THING_STATES, "tool": THING_STATES, "garment": THING_STATES, "toy": THING_STATES, "weapon": THING_STATES,
    "gem": ("for sale", "expensive", "in the safe", "missing", "on display", "fake"),
    "fruit": PLANT_STATES, "vegetable": PLANT_STATES,
    "flower": ("in bloom", "for sale", "in the garden", "from Holland", "yellow"),
    "tree": ("tall", "old", "near the lake", "healthy", "in the valley"),
    "dessert": ("sweet", "fresh", "on the table", "cheap", "cold"),
    "building": ("old", "closed", "on the island", "empty", "famous", "near the river"),
    "musician": PERSON_STATES, "athlete": PERSON_STATES,
}

PEOPLE = ("nurse", "pilot", "chef", "farmer", "teacher", "lawyer", "baker", "soldier", "sailor", "tailor", "judge", "dentist",
          "plumber", "waiter", "butcher", "barber", "miner", "clerk", "banker", "priest", "king", "queen", "prince", "thief",
          "driver", "guard", "student", "scientist", "painter", "poet", "dancer", "singer", "actor", "editor", "janitor",
          "carpenter", "gardener", "engineer", "mayor", "senator", "detective", "hunter", "fisherman", "librarian", "reporter",
          "surgeon", "therapist", "magician", "clown", "coach")
NAMES = ("Anna", "Tom", "Maria", "Paul", "Emma", "Jack", "Laura", "Peter", "Susan", "David", "Julia", "Mark", "Alice", "Simon",
         "Helen", "George", "Nancy", "Frank", "Clara", "Henry", "Sarah", "Kevin", "Linda", "Oscar")

# One-way relations between two people: (past = participle, present progressive base). If A did it to B, B did not do it to A.
ONE_WAY = (("outran", "outrun"), ("defeated", "defeated"), ("overtook", "overtaken"), ("hired", "hired"), ("fired", "fired"),
           ("followed", "followed"), ("chased", "chased"), ("arrested", "arrested"), ("rescued", "rescued"),
           ("trained", "trained"), ("robbed", "robbed"), ("outlived", "outlived"), ("replaced", "replaced"),
           ("carried", "carried"), ("poisoned", "poisoned"), ("kidnapped", "kidnapped"), ("succeeded", "succeeded"),
           ("beat", "beaten"), ("raised", "raised"), ("adopted", "adopted"), ("captured", "captured"), ("bribed", "bribed"))
KNEW = ("knew", "thanked", "greeted", "ignored", "admired", "called", "visited", "blamed")

# What one person can be doing while doing something else (progressive forms).
DOING = ("singing", "dancing", "smiling", "laughing", "crying", "eating", "drinking", "reading", "writing", "knitting", "whistling",
         "sneezing", "coughing", "yawning", "shouting", "whispering", "smoking", "praying", "humming", "sweating", "shivering",
         "clapping", "limping", "frowning", "blushing", "trembling", "complaining", "cheering")
# (past, base, manners that suit it)
MANNERS = (("sang", "sing", ("loudly", "badly", "beautifully", "softly")), ("danced", "dance", ("slowly", "badly", "gracefully", "barefoot")),
           ("laughed", "laugh", ("loudly", "nervously", "politely")), ("worked", "work", ("slowly", "alone", "carefully", "upstairs")),
           ("ate", "eat", ("slowly", "quickly", "alone", "outside")), ("spoke", "speak", ("quietly", "calmly", "slowly", "clearly")),
           ("waited", "wait", ("outside", "upstairs", "calmly", "patiently")), ("argued", "argue", ("loudly", "politely", "angrily")),
           ("slept", "sleep", ("badly", "outside", "upstairs", "alone")), ("cooked", "cook", ("badly", "outside", "quickly")),
           ("walked", "walk", ("slowly", "quickly", "barefoot", "home")), ("traveled", "travel", ("alone", "abroad", "slowly")),
           ("swam", "swim", ("slowly", "gracefully", "alone")), ("drove", "drive", ("slowly", "carefully", "home", "badly")),
           ("answered", "answer", ("angrily", "politely", "quickly", "calmly")), ("smiled", "smile", ("nervously", "politely", "warmly")))
WATCHING = ("watching", "filming", "greeting", "facing", "calling", "helping")

# Contraries with a middle between them: "not hot" does not make it cold. (word, contrary)
PERSON_CONTRARIES = (("tall", "short"), ("young", "old"), ("rich", "poor"), ("happy", "sad"), ("strong", "weak"), ("kind", "cruel"),
                     ("polite", "rude"), ("calm", "nervous"), ("clever", "foolish"), ("generous", "greedy"), ("friendly", "hostile"),
                     ("cheerful", "gloomy"), ("proud", "humble"), ("brave", "timid"), ("lazy", "diligent"), ("talkative", "silent"),
                     ("slim", "fat"), ("optimistic", "pessimistic"))
# (word, contrary, things that can be either)
THING_CONTRARIES = (
    ("hot", "cold", ("soup", "coffee", "water", "room", "plate", "sauce")),
    ("heavy", "light", ("bag", "box", "suitcase", "basket", "ladder")),
    ("cheap", "expensive", ("watch", "phone", "ring", "bicycle", "carpet", "bag")),
    ("big", "small", ("house", "garden", "kitchen", "office", "box")),
    ("spotless", "filthy", ("window", "kitchen", "plate", "carpet", "towel")),
    ("hard", "soft", ("pillow", "mattress", "bread", "cheese")),
    ("thick", "thin", ("book", "blanket", "wall", "rope", "curtain")),
    ("wide", "narrow", ("street", "bridge", "door", "river", "path")),
    ("delicious", "disgusting", ("soup", "sauce", "bread", "cheese", "meal")),
    ("long", "brief", ("speech", "letter", "lesson", "meeting", "film")),
    ("deep", "shallow", ("lake", "river", "well", "pool")),
    ("sweet", "sour", ("juice", "wine", "sauce", "yogurt")),
    ("tight", "loose", ("belt", "rope", "glove", "shoe")),
    ("modern", "ancient", ("bridge", "temple", "tower", "statue")),
    ("beautiful", "ugly", ("lamp", "carpet", "tower", "curtain", "statue")),
    ("easy", "difficult", ("exam", "lesson", "puzzle", "recipe")),
    ("funny", "serious", ("film", "play", "book", "speech")),
    ("excellent", "terrible", ("film", "meal", "recipe", "hotel", "song")),
    ("fast", "slow", ("train", "computer", "horse", "bicycle")),
    ("full", "empty", ("bottle", "jar", "bucket", "suitcase", "basket")),
    ("interesting", "boring", ("book", "lesson", "meeting", "film", "museum")),
    ("enormous", "tiny", ("garden", "mirror", "carpet", "statue", "kitchen")),
    ("crowded", "deserted", ("beach", "station", "market", "street")),
    ("boiling", "freezing", ("room", "kitchen", "tent", "office")),
)

# One-dimensional orders over people: (more, less).
SCALES = (("taller", "shorter"), ("older", "younger"), ("richer", "poorer"), ("stronger", "weaker"), ("faster", "slower"),
          ("heavier", "lighter"), ("happier", "sadder"), ("louder", "quieter"))
THING_SCALES = (("bigger", "smaller", ("house", "garden", "kitchen", "office", "statue", "tent")),
                ("heavier", "lighter", ("bag", "box", "suitcase", "basket", "ladder", "bench")),
                ("wider", "narrower", ("street", "bridge", "door", "river", "path", "tunnel")),
                ("newer", "older", ("bridge", "tower", "temple", "statue", "station", "tunnel")))
# Verbs of a moment, for "before" and "after".
MOMENTS = ("arrived", "left", "woke up", "finished", "retired", "graduated", "resigned", "fell asleep", "returned", "applied")
# (past, gerund)
CHORES = (("washed the car", "washing the car"), ("fed the cat", "feeding the cat"), ("watered the plants", "watering the plants"),
          ("cleaned the stove", "cleaning the stove"), ("called the bank", "calling the bank"), ("baked a cake", "baking a cake"),
          ("ironed the shirts", "ironing the shirts"), ("swept the floor", "sweeping the floor"), ("fixed the radio", "fixing the radio"),
          ("paid the bill", "paying the bill"), ("wrapped the gift", "wrapping the gift"), ("opened the mail", "opening the mail"),
          ("mailed a letter", "mailing a letter"), ("locked the gate", "locking the gate"), ("cut the grass", "cutting the grass"),
          ("read the report", "reading the report"), ("packed a bag", "packing a bag"), ("visited the museum", "visiting the museum"))
# Orders in space: (phrase, converse, things, where the scene is)
SPACE = (("above", "below", ("lamp", "clock", "mirror", "poster", "painting", "calendar", "shelf", "map"), "In the hall"),
         ("to the left of", "to the right of", ("lamp", "clock", "vase", "bottle", "candle", "jar", "bowl", "radio"), "On the shelf"),
         ("in front of", "behind", ("sofa", "chair", "desk", "piano", "bench", "table", "bicycle", "bucket"), "In the garage"),
         ("north of", "south of", ("bakery", "bank", "prison", "school", "harbor", "theater", "market", "station"), "On the map"))

# Where a thing or a person is: two different places exclude each other.
THING_PLACES = ("on the table", "in the drawer", "under the bed", "in the box", "on the roof", "behind the sofa", "in the sink",
                "on the windowsill", "in the trunk", "under the bench")
PLACED = ("cup", "spoon", "key", "wallet", "comb", "fork", "candle", "coin", "glove", "pencil", "bottle", "magazine", "towel", "phone")
PERSON_PLACES = ("in the kitchen", "in the garden", "on the balcony", "at the airport", "in the cellar", "at the station", "on the beach",
                 "in the elevator", "at the bakery", "on the bridge", "in the attic", "at the stadium")

# Adjectives that single out some members of a class without changing it.
MODIFIERS_THING = ("red", "blue", "green", "white", "black", "old", "new", "cheap", "heavy", "wooden", "plastic", "tiny", "huge", "dirty",
                   "broken", "round", "painted", "rusty")
THINGS = ("car", "chair", "boat", "bowl", "table", "box", "clock", "fence", "wagon", "ladder", "bucket", "spoon", "door", "bench", "sled",
          "desk", "cabinet", "bicycle")
ATTACHED = (("house", "with a garden", "with a pool", "with a balcony"), ("coat", "with a hood", "with a belt", "with gold buttons"),
            ("car", "with a radio", "with leather seats", "with a sunroof"), ("chair", "with arms", "with wheels", "with a cushion"),
            ("phone", "with a camera", "with a cracked screen", "with a cover"), ("book", "with pictures", "with a map", "with a red cover"))
MODIFIERS_PERSON = ("young", "old", "tall", "rich", "French", "Spanish", "retired", "blind", "married", "local", "shy", "bald", "blonde")
# Restrictive clauses for people, plural and ready to follow "who".
CLAUSES = ("live abroad", "own a car", "speak Russian", "can swim", "work at night", "have children", "wear glasses", "play chess",
           "love opera", "drink tea", "ride bicycles", "like spicy food")

# Plural things to count, and what can be said of them.
COUNTED = (("dogs", "cats", "horses", "goats", "sheep", "rabbits", "pigs", "ducks", "hens", "cows"),
           ("are asleep", "are hungry", "are in the barn", "ran away", "need a doctor")), \
          (("cups", "plates", "bowls", "forks", "knives", "spoons", "glasses", "pans", "jars"),
           ("are dirty", "are on the table", "are broken", "are missing", "were sold")), \
          (("boys", "girls", "men", "women", "tourists", "nurses", "soldiers", "teachers"),
           ("are waiting", "are singing", "went home", "bought tickets", "are late"))
NUMBERS = {2: "two", 5: "five", 9: "nine"}
