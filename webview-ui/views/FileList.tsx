interface FileListProps {
  readonly id: string;
  readonly paths: readonly string[];
  readonly active: number;
  readonly onChoose: (path: string) => void;
}

/** Files to choose from; the text field keeps the focus. */
export function FileList({ id, paths, active, onChoose }: FileListProps) {
  if (paths.length === 0) return null;
  return (
    <ul class="files" id={id} role="listbox" aria-label="Files">
      {paths.map((path, index) => (
        <li
          key={path}
          id={`${id}-${index}`}
          role="option"
          aria-selected={index === active}
          // A click would take the focus from the field first.
          onMouseDown={(event) => {
            event.preventDefault();
            onChoose(path);
          }}
        >
          {path}
        </li>
      ))}
    </ul>
  );
}
