import type { INamespace, Type } from 'protobufjs';

/**
 * The messages of the Remote Execution API v2 and of Google's ByteStream that a cache client needs, with the field numbers
 * of remote_execution.proto and bytestream.proto. Fields that are not listed are skipped when read.
 */
const NAMESPACE: INamespace = {
  nested: {
    Digest: { fields: { hash: field(1, 'string'), sizeBytes: field(2, 'int64') } },
    Status: { fields: { code: field(1, 'int32'), message: field(2, 'string') } },
    Empty: { fields: {} },
    Command: { fields: {} },
    Action: {
      fields: {
        commandDigest: field(1, 'Digest'),
        inputRootDigest: field(2, 'Digest'),
        salt: field(9, 'bytes'),
      },
    },
    OutputFile: {
      fields: { path: field(1, 'string'), digest: field(2, 'Digest'), isExecutable: field(4, 'bool') },
    },
    OutputSymlink: { fields: { path: field(1, 'string'), target: field(2, 'string') } },
    OutputDirectory: { fields: { path: field(1, 'string'), treeDigest: field(3, 'Digest') } },
    Tree: { fields: { root: field(1, 'Directory'), children: list(2, 'Directory') } },
    Directory: {
      fields: {
        files: list(1, 'FileNode'),
        directories: list(2, 'DirectoryNode'),
        symlinks: list(3, 'SymlinkNode'),
      },
    },
    FileNode: {
      fields: { name: field(1, 'string'), digest: field(2, 'Digest'), isExecutable: field(4, 'bool') },
    },
    DirectoryNode: { fields: { name: field(1, 'string'), digest: field(2, 'Digest') } },
    SymlinkNode: { fields: { name: field(1, 'string'), target: field(2, 'string') } },
    ActionResult: {
      fields: {
        outputFiles: list(2, 'OutputFile'),
        outputDirectories: list(3, 'OutputDirectory'),
        exitCode: field(4, 'int32'),
        stdoutRaw: field(5, 'bytes'),
        stdoutDigest: field(6, 'Digest'),
        outputSymlinks: list(12, 'OutputSymlink'),
      },
    },
    GetActionResultRequest: {
      fields: {
        instanceName: field(1, 'string'),
        actionDigest: field(2, 'Digest'),
        inlineStdout: field(3, 'bool'),
      },
    },
    UpdateActionResultRequest: {
      fields: {
        instanceName: field(1, 'string'),
        actionDigest: field(2, 'Digest'),
        actionResult: field(3, 'ActionResult'),
      },
    },
    FindMissingBlobsRequest: { fields: { instanceName: field(1, 'string'), blobDigests: list(2, 'Digest') } },
    FindMissingBlobsResponse: { fields: { missingBlobDigests: list(2, 'Digest') } },
    BatchUpdateBlobsRequest: {
      fields: { instanceName: field(1, 'string'), requests: list(2, 'BlobContent') },
    },
    BlobContent: { fields: { digest: field(1, 'Digest'), data: field(2, 'bytes') } },
    BatchUpdateBlobsResponse: { fields: { responses: list(1, 'BlobUpdated') } },
    BlobUpdated: { fields: { digest: field(1, 'Digest'), status: field(2, 'Status') } },
    BatchReadBlobsRequest: { fields: { instanceName: field(1, 'string'), digests: list(2, 'Digest') } },
    BatchReadBlobsResponse: { fields: { responses: list(1, 'BlobRead') } },
    BlobRead: { fields: { digest: field(1, 'Digest'), data: field(2, 'bytes'), status: field(3, 'Status') } },
    ReadRequest: { fields: { resourceName: field(1, 'string') } },
    ReadResponse: { fields: { data: field(10, 'bytes') } },
    WriteRequest: {
      fields: {
        resourceName: field(1, 'string'),
        writeOffset: field(2, 'int64'),
        finishWrite: field(3, 'bool'),
        data: field(10, 'bytes'),
      },
    },
    WriteResponse: { fields: { committedSize: field(1, 'int64') } },
  },
};

function field(id: number, type: string) {
  return { id, type };
}

function list(id: number, type: string) {
  return { id, type, rule: 'repeated' as const };
}

export interface WireDigest {
  readonly hash: string;
  readonly sizeBytes: number;
}

export interface WireActionResult {
  readonly stdoutRaw?: Uint8Array;
  readonly stdoutDigest?: WireDigest | null;
}

/** Encodes and decodes one kind of message. Numbers of 64 bits become JavaScript numbers. */
export interface Codec {
  encode(value: object): Buffer;
  decode(bytes: Uint8Array): unknown;
}

/** Codecs by the names above. The library is loaded by the first who needs one. */
export async function loadCodecs(): Promise<(name: string) => Codec> {
  const { default: protobuf } = await import('protobufjs/light.js');
  const root = protobuf.Root.fromJSON(NAMESPACE);
  return name => codecOf(root.lookupType(name));
}

function codecOf(type: Type): Codec {
  return {
    encode: value => Buffer.from(type.encode(type.fromObject(value)).finish()),
    decode: bytes => type.toObject(type.decode(bytes), { longs: Number, bytes: Buffer, arrays: true }),
  };
}
