import { expect, it } from 'vitest';
import { CodedError } from '../../../../protocol/codedError.ts';
import { FieldReader } from '../../../../sidecar/validation/fieldReader.ts';
import { defaultSettings, readSidecarSettings } from '../../../../sidecar/validation/sidecarSettings.ts';

it('every setting of the sidecar has its default in the manifest, and reads back as it is', () => {
  expect(readSidecarSettings(new FieldReader(defaultSettings, 'settings'))).toEqual(defaultSettings);
  expect(defaultSettings.model).toBe('qwen2.5-coder-0.5b');
});

it('a setting of the wrong kind is refused by name', () => {
  const read = () => readSidecarSettings(new FieldReader({ candidates: 'four' }, 'settings'));
  expect(read).toThrow(CodedError);
  expect(read).toThrow('settings.candidates');
});
