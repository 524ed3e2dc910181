/**
 * The compiled parser behind `libpg-query`, which that package ships without types. The guard makes its
 * own instances instead of using the package's single one, because a trap spoils an instance for good
 * (see parser.ts).
 */
declare module 'libpg-query/wasm/libpg-query.js' {
  export interface ParserInstance {
    _malloc(size: number): number;
    _free(pointer: number): void;
    _wasm_parse_query_raw(text: number): number;
    _wasm_free_parse_result(result: number): void;
    lengthBytesUTF8(text: string): number;
    stringToUTF8(text: string, pointer: number, sizeMax: number): void;
    UTF8ToString(pointer: number): string;
    getValue(pointer: number, type: 'i32'): number;
    readonly HEAPU8: Uint8Array;
  }
  const createInstance: () => Promise<ParserInstance>;

  // biome-ignore lint/style/noDefaultExport: describes another package's module, which exports it so
  export default createInstance;
}
