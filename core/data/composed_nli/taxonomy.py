"""The words and their forms: what is a kind of what, what excludes what, and which words fit which predicates.

All of it is tuples, never sets, so that a draw depends on the random seed alone.
"""


def listed(text: str) -> tuple[str, ...]:
    """Return the parts between commas: 'on the roof, in the sink' -> ('on the roof', 'in the sink')."""
    return tuple(part.strip() for part in text.split(","))


def paired(text: str) -> tuple[tuple[str, ...], ...]:
    """Return the parts between commas, each split at its slashes: 'saw/see, drew/draw' -> (('saw', 'see'), ('drew', 'draw'))."""
    return tuple(tuple(part.split("/")) for part in listed(text))


def rows(text: str) -> tuple[tuple, ...]:
    """Return the parts between semicolons: 'hot/cold: soup, tea; deep/shallow: lake' -> (('hot', 'cold', ('soup', 'tea')), …)."""
    split = (row.strip().split(": ") for row in text.split(";"))
    return tuple((*head.split("/"), listed(tail)) for head, tail in split)


# Kind -> its members. Members of one kind exclude each other; each member is a kind of the key.
KINDS: dict[str, tuple[str, ...]] = dict(rows("""dog: poodle, terrier, beagle, spaniel, collie, bulldog, greyhound, dachshund;
    bird: sparrow, robin, crow, owl, pigeon, eagle, parrot, swan, falcon, penguin; fish: trout, salmon, carp, shark, tuna, herring;
    insect: bee, ant, beetle, moth, grasshopper, wasp, butterfly; reptile: snake, lizard, turtle, crocodile, gecko;
    vehicle: truck, van, bus, tractor, taxi, motorcycle, ambulance, scooter; boat: canoe, ferry, yacht, kayak, raft, gondola;
    fruit: apple, pear, peach, plum, lemon, mango, banana, cherry, melon; vegetable: carrot, onion, cabbage, turnip, cucumber, radish, leek;
    instrument: guitar, violin, piano, flute, drum, trumpet, cello, harp, clarinet; tool: hammer, saw, drill, wrench, shovel, rake, screwdriver;
    flower: rose, tulip, daisy, lily, orchid, sunflower, violet, daffodil; tree: oak, pine, maple, birch, willow, cedar, elm;
    garment: shirt, skirt, coat, sweater, jacket, dress, scarf, vest; toy: doll, kite, puppet, rattle, balloon;
    gem: diamond, ruby, emerald, sapphire, pearl; weapon: sword, rifle, dagger, spear, pistol; dessert: cake, pie, pudding, brownie, pancake;
    building: church, hotel, castle, barn, library, museum, hospital; musician: guitarist, violinist, drummer, pianist, cellist, trumpeter;
    athlete: swimmer, boxer, skier, gymnast, wrestler, sprinter, cyclist"""))
# Kinds that can be a favorite, and kinds of small things.
FAVORITES = listed("bird, fish, insect, reptile, vehicle, boat, fruit, vegetable, instrument, tool, flower, tree, gem")
SMALL = listed("bird, insect, fruit, vegetable, instrument, tool, flower, garment, toy, gem, weapon, dessert")

# Verbs (past, base) that take one thing as object and do not use it up, for all things and for things that are sold; the kinds sold.
ANY_VERBS = paired("""saw/see, drew/draw, painted/paint, photographed/photograph, noticed/notice, mentioned/mention, admired/admire,
    described/describe""")
SHOP_VERBS = paired("bought/buy, sold/sell, found/find, borrowed/borrow, stole/steal, lost/lose, owned/own, ordered/order")
SHOP_KINDS = listed("vehicle, boat, instrument, tool, garment, toy, gem, weapon")

# Kind -> what groups of it can be said to be: "All robins are ...".
STATES: dict[str, tuple[str, ...]] = {kind: states for *kinds, states in rows("""
    dog/bird/reptile: asleep, hungry, thirsty, healthy, awake, near the pond, in the shade, outside;
    fish: asleep, hungry, healthy, alive, near the surface, in the net; insect: alive, hungry, harmless, in the jar, near the window, outside;
    vehicle: for sale, expensive, old, new, outside, in the garage, missing;
    boat: for sale, expensive, old, new, on the river, in the harbor, missing;
    instrument/tool/garment/toy/weapon: for sale, expensive, old, broken, new, in the basement, made in Italy, on display, missing;
    gem: for sale, expensive, in the safe, missing, on display, fake;
    fruit/vegetable: fresh, ripe, cheap, organic, in the kitchen, from Spain, on the cart, for sale;
    flower: in bloom, for sale, in the garden, from Holland, yellow; tree: tall, old, near the lake, healthy, in the valley;
    dessert: sweet, fresh, on the table, cheap, cold; building: old, closed, on the island, empty, famous, near the river;
    musician/athlete: tired, famous, hungry, nervous, rich, in the lobby, on the train, late, bored, ready""") for kind in kinds}
PERSON_STATES = STATES["musician"]

PEOPLE = listed("""nurse, pilot, chef, farmer, teacher, lawyer, baker, soldier, sailor, tailor, judge, dentist, plumber, waiter, butcher, barber,
    miner, clerk, banker, priest, king, queen, prince, thief, driver, guard, student, scientist, painter, poet, dancer, singer, actor, editor,
    janitor, carpenter, gardener, engineer, mayor, senator, detective, hunter, fisherman, librarian, reporter, surgeon, therapist, magician, clown,
    coach""")
NAMES = listed("""Anna, Tom, Maria, Paul, Emma, Jack, Laura, Peter, Susan, David, Julia, Mark, Alice, Simon, Helen, George, Nancy, Frank, Clara,
    Henry, Sarah, Kevin, Linda, Oscar""")

# One-way relations between two people (past, participle): if A did it to B, B did not do it to A.
ONE_WAY = paired("""outran/outrun, defeated/defeated, overtook/overtaken, hired/hired, fired/fired, followed/followed, chased/chased,
    arrested/arrested, rescued/rescued, trained/trained, robbed/robbed, outlived/outlived, replaced/replaced, carried/carried, poisoned/poisoned,
    kidnapped/kidnapped, succeeded/succeeded, beat/beaten, raised/raised, adopted/adopted, captured/captured, bribed/bribed""")
KNEW = listed("knew, thanked, greeted, ignored, admired, called, visited, blamed")

# What one person can be doing while doing something else (progressive forms).
DOING = listed("""singing, dancing, smiling, laughing, crying, eating, drinking, reading, writing, knitting, whistling, sneezing, coughing, yawning,
    shouting, whispering, smoking, praying, humming, sweating, shivering, clapping, limping, frowning, blushing, trembling, complaining, cheering""")
# (past, base, manners that suit it)
MANNERS = rows("""sang/sing: loudly, badly, beautifully, softly; danced/dance: slowly, badly, gracefully, barefoot;
    laughed/laugh: loudly, nervously, politely; worked/work: slowly, alone, carefully, upstairs; ate/eat: slowly, quickly, alone, outside;
    spoke/speak: quietly, calmly, slowly, clearly; waited/wait: outside, upstairs, calmly, patiently; argued/argue: loudly, politely, angrily;
    slept/sleep: badly, outside, upstairs, alone; cooked/cook: badly, outside, quickly; walked/walk: slowly, quickly, barefoot, home;
    traveled/travel: alone, abroad, slowly; swam/swim: slowly, gracefully, alone; drove/drive: slowly, carefully, home, badly;
    answered/answer: angrily, politely, quickly, calmly; smiled/smile: nervously, politely, warmly""")
WATCHING = listed("watching, filming, greeting, facing, calling, helping")

# Contraries with a middle between them: "not hot" does not make it cold. (word, contrary)
PERSON_CONTRARIES = paired("""tall/short, young/old, rich/poor, happy/sad, strong/weak, kind/cruel, polite/rude, calm/nervous, clever/foolish,
    generous/greedy, friendly/hostile, cheerful/gloomy, proud/humble, brave/timid, lazy/diligent, talkative/silent, slim/fat,
    optimistic/pessimistic""")
# (word, contrary, things that can be either)
THING_CONTRARIES = rows("""hot/cold: soup, coffee, water, room, plate, sauce; heavy/light: bag, box, suitcase, basket, ladder;
    cheap/expensive: watch, phone, ring, bicycle, carpet, bag; big/small: house, garden, kitchen, office, box;
    spotless/filthy: window, kitchen, plate, carpet, towel; hard/soft: pillow, mattress, bread, cheese;
    thick/thin: book, blanket, wall, rope, curtain; wide/narrow: street, bridge, door, river, path;
    delicious/disgusting: soup, sauce, bread, cheese, meal; long/brief: speech, letter, lesson, meeting, film; deep/shallow: lake, river, well, pool;
    sweet/sour: juice, wine, sauce, yogurt; tight/loose: belt, rope, glove, shoe; modern/ancient: bridge, temple, tower, statue;
    beautiful/ugly: lamp, carpet, tower, curtain, statue; easy/difficult: exam, lesson, puzzle, recipe; funny/serious: film, play, book, speech;
    excellent/terrible: film, meal, recipe, hotel, song; fast/slow: train, computer, horse, bicycle;
    full/empty: bottle, jar, bucket, suitcase, basket; interesting/boring: book, lesson, meeting, film, museum;
    enormous/tiny: garden, mirror, carpet, statue, kitchen; crowded/deserted: beach, station, market, street;
    boiling/freezing: room, kitchen, tent, office""")

# One-dimensional orders over people (more, less), and over things (more, less, things).
SCALES = paired("taller/shorter, older/younger, richer/poorer, stronger/weaker, faster/slower, heavier/lighter, happier/sadder, louder/quieter")
THING_SCALES = rows("""bigger/smaller: house, garden, kitchen, office, statue, tent; heavier/lighter: bag, box, suitcase, basket, ladder, bench;
    wider/narrower: street, bridge, door, river, path, tunnel; newer/older: bridge, tower, temple, statue, station, tunnel""")
# Verbs of a moment, for "before" and "after".
MOMENTS = listed("arrived, left, woke up, finished, retired, graduated, resigned, fell asleep, returned, applied")
# (past, gerund)
CHORES = tuple((f"{past} {what}", f"{gerund} {what}") for past, gerund, what in paired("""washed/washing/the car, fed/feeding/the cat,
    watered/watering/the plants, cleaned/cleaning/the stove, called/calling/the bank, baked/baking/a cake, ironed/ironing/the shirts,
    swept/sweeping/the floor, fixed/fixing/the radio, paid/paying/the bill, wrapped/wrapping/the gift, opened/opening/the mail,
    mailed/mailing/a letter, locked/locking/the gate, cut/cutting/the grass, read/reading/the report, packed/packing/a bag,
    visited/visiting/the museum"""))
# Orders in space (phrase, converse, things)
SPACE = rows("""above/below: lamp, clock, mirror, poster, painting, calendar, shelf, map;
    to the left of/to the right of: lamp, clock, vase, bottle, candle, jar, bowl, radio;
    in front of/behind: sofa, chair, desk, piano, bench, table, bicycle, bucket;
    north of/south of: bakery, bank, prison, school, harbor, theater, market, station""")

# Where a thing or a person is: two different places exclude each other.
THING_PLACES = listed("""on the table, in the drawer, under the bed, in the box, on the roof, behind the sofa, in the sink, on the windowsill,
    in the trunk, under the bench""")
PLACED = listed("cup, spoon, key, wallet, comb, fork, candle, coin, glove, pencil, bottle, magazine, towel, phone")
PERSON_PLACES = listed("""in the kitchen, in the garden, on the balcony, at the airport, in the cellar, at the station, on the beach,
    in the elevator, at the bakery, on the bridge, in the attic, at the stadium""")

# Adjectives that single out some members of a class without changing it, and what they are said of.
MODIFIERS_THING = listed("red, blue, green, white, black, old, new, cheap, heavy, wooden, plastic, tiny, huge, dirty, broken, round, painted, rusty")
THINGS = listed("car, chair, boat, bowl, table, box, clock, fence, wagon, ladder, bucket, spoon, door, bench, sled, desk, cabinet, bicycle")
ATTACHED = paired("""house/with a garden/with a pool/with a balcony, coat/with a hood/with a belt/with gold buttons,
    car/with a radio/with leather seats/with a sunroof, chair/with arms/with wheels/with a cushion,
    phone/with a camera/with a cracked screen/with a cover, book/with pictures/with a map/with a red cover""")
MODIFIERS_PERSON = listed("young, old, tall, rich, French, Spanish, retired, blind, married, local, shy, bald, blonde")
# Restrictive clauses for people, plural and ready to follow "who".
CLAUSES = listed("""live abroad, own a car, speak Russian, can swim, work at night, have children, wear glasses, play chess, love opera, drink tea,
    ride bicycles, like spicy food""")

# Plural things to count, and what can be said of them.
COUNTED = (
    (listed("dogs, cats, horses, goats, sheep, rabbits, pigs, ducks, hens, cows"),
     listed("are asleep, are hungry, are in the barn, ran away, need a doctor")),
    (listed("cups, plates, bowls, forks, knives, spoons, glasses, pans, jars"),
     listed("are dirty, are on the table, are broken, are missing, were sold")),
    (listed("boys, girls, men, women, tourists, nurses, soldiers, teachers"),
     listed("are waiting, are singing, went home, bought tickets, are late")),
)
NUMBERS = {2: "two", 5: "five", 9: "nine"}

IRREGULAR_PLURALS = dict(paired("fisherman/fishermen, thief/thieves, fish/fish, trout/trout, salmon/salmon, carp/carp, tuna/tuna, herring/herring"))


def a(noun_phrase: str) -> str:
    """Return 'an owl', 'a poodle'; by spelling, with the exceptions that these words need."""
    vowel = noun_phrase[0].lower() in "aeiou" and not noun_phrase.startswith(("uni", "use", "one"))
    return ("an " if vowel else "a ") + noun_phrase


def plural(noun: str) -> str:
    if noun in IRREGULAR_PLURALS:
        return IRREGULAR_PLURALS[noun]
    if noun.endswith(("s", "x", "ch", "sh")):
        return noun + "es"
    if noun.endswith("y") and noun[-2] not in "aeiou":
        return noun[:-1] + "ies"
    return noun + "s"
