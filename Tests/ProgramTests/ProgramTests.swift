// The front door: settings, arguments, targets, the verbs, and that the rooms import only what they may.
