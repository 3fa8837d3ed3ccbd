-- Both pairs were allowed before: nothing to undo.
SELECT 1;
