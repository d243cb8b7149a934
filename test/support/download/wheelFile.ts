import { crc32, deflateRawSync } from 'node:zlib';

/** The bytes of a wheel (a zip file) with the given entries, deflated. */
export function wheelFile(entries: Readonly<Record<string, Buffer>>): Buffer {
  const locals: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const [name, content] of Object.entries(entries)) {
    const compressed = deflateRawSync(content);
    const fields = sharedFields(content, compressed, name);
    const local = Buffer.concat([bytes32(0x04034b50), fields, bytes16(0), Buffer.from(name), compressed]);
    directory.push(
      Buffer.concat([
        bytes32(0x02014b50),
        bytes16(20),
        fields,
        // Extra, comment, disk, internal attributes; external attributes; where the local header starts.
        ...[0, 0, 0, 0].map(bytes16),
        bytes32(0),
        bytes32(offset),
        Buffer.from(name),
      ]),
    );
    locals.push(local);
    offset += local.length;
  }
  const central = Buffer.concat(directory);
  const end = Buffer.concat([
    bytes32(0x06054b50),
    ...[0, 0, directory.length, directory.length].map(bytes16),
    bytes32(central.length),
    bytes32(offset),
    bytes16(0),
  ]);
  return Buffer.concat([...locals, central, end]);
}

/** The wheel, whose one entry now claims to be of another size. */
export function withDeclaredSize(wheel: Buffer, sizeBytes: number): Buffer {
  const lying = Buffer.from(wheel);
  const directory = lying.readUInt32LE(lying.length - 6);
  // Where the size of the content is in the local header, and in that of the directory.
  lying.writeUInt32LE(sizeBytes, 22);
  lying.writeUInt32LE(sizeBytes, directory + 24);
  return lying;
}

/** From "version needed" to "name length", alike in both headers. */
function sharedFields(content: Buffer, compressed: Buffer, name: string): Buffer {
  const deflate = 8;
  return Buffer.concat([
    ...[20, 0, deflate, 0, 0x21].map(bytes16),
    bytes32(crc32(content)),
    bytes32(compressed.length),
    bytes32(content.length),
    bytes16(Buffer.byteLength(name)),
  ]);
}

function bytes16(value: number): Buffer {
  const buffer = Buffer.alloc(2);
  buffer.writeUInt16LE(value);
  return buffer;
}

function bytes32(value: number): Buffer {
  const buffer = Buffer.alloc(4);
  buffer.writeUInt32LE(value);
  return buffer;
}
