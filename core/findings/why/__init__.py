"""Why a student of these layers gets what it gets: its seams, read off saved full runs of other choices and off what a seam costs the teacher."""
