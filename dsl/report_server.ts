/** The inside of a Worker that makes one report of a plugin: events come in, text goes back. */
import {
  loadPlugin,
  type PluginReport,
  type RecordedEvent,
  type ReportPlace,
  scoped,
  useBoard,
} from "../core/mod.ts";
import type { PluginLoader } from "./plugins.ts";

/** Which report is to be made: plain data. */
export interface ReportOrder {
  /** The plugin, as the command calls it, and its module. */
  readonly alias: string;
  readonly url: string;
  /** `alias.name` of the reporter. */
  readonly reporter: string;
  readonly place: ReportPlace;
}

/** What it says to events, or why it says nothing any more. */
export type ReportAnswer = { readonly text: string } | { readonly failed: string };

/** What such a Worker does on calls. */
export interface ReportApi {
  /** `board`: where it writes whose hook it is in. */
  beginReport(order: ReportOrder, board: SharedArrayBuffer): Promise<ReportAnswer>;
  tellReport(events: readonly RecordedEvent[]): Promise<ReportAnswer>;
}

/** Serves one report; errors lose their kind on the way between Workers, so they go as words. */
export function reportServer(plugins: PluginLoader = loadPlugin): ReportApi {
  let report: PluginReport | undefined;
  const answered = async (act: () => string | Promise<string>): Promise<ReportAnswer> => {
    try {
      return { text: await act() };
    } catch (error) {
      return { failed: error instanceof Error ? error.message : String(error) };
    }
  };
  return {
    beginReport: ({ alias, url, reporter, place }, board) =>
      answered(async () => {
        useBoard(board);
        const rows = scoped("reporters", { alias, url, plugin: await plugins(url) });
        const row = rows.find(({ name }) => name === reporter);
        if (row === undefined) throw new Error(`there is no reporter '${reporter}' any more`);
        report = row.begin(place);
        return "";
      }),
    tellReport: (events) =>
      answered(() => {
        if (report === undefined) throw new Error("a report that has not begun");
        let text = "";
        for (const event of events) text += report.take(event);
        return text;
      }),
  };
}
