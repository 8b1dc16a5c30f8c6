from editor
