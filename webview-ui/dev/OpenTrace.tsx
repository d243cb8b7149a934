import { useState } from 'preact/hooks';

interface OpenTraceProps {
  /** Takes a trace file's text. Returns what is wrong with it, or null when it was opened. */
  readonly onOpen: (text: string, fileName: string) => string | null;
}

/** Where a page without a trace takes one: by dropping a file, or by choosing it. Nothing is sent anywhere. */
export function OpenTrace({ onOpen }: OpenTraceProps) {
  const [problem, setProblem] = useState<string | null>(null);
  const open = (file: File | undefined): void => {
    file?.text().then(
      (text) => {
        setProblem(onOpen(text, file.name));
      },
      () => {
        setProblem(`${file.name} cannot be read any more. Choose it again.`);
      },
    );
  };
  return (
    <div
      class="empty"
      onDragOver={(event) => {
        event.preventDefault();
      }}
      onDrop={(event) => {
        event.preventDefault();
        open(event.dataTransfer?.files[0]);
      }}
    >
      <h1>Open a trace</h1>
      <p>Drop a trace file here, or choose one. It is read in this page and sent nowhere.</p>
      <p>
        <label class="button button-secondary open-file">
          Choose a file
          <input
            type="file"
            class="visually-hidden"
            accept=".jsonl,.ndjson,.json"
            onChange={(event) => {
              open(event.currentTarget.files?.[0]);
            }}
          />
        </label>
      </p>
      {problem === null ? null : (
        <p class="failure" role="alert">
          {problem}
        </p>
      )}
    </div>
  );
}
