"""Pure functions of frames, arrays and numbers: no ids, files, web or colors."""
