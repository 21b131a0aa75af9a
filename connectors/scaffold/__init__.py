"""A new connector's package, made from the choices of its author.

`choices` says what can be chosen and refuses what does not fit; `values` turns the choices into the template's words;
`project` picks the template's layers and gives the files; `building` puts them on the disk, whole or not at all;
`recording` lets the new connector record its own local venue.
"""
