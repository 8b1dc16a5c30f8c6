import ArgumentParser

/// `parley man`: the manual.
struct Manual: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "man", abstract: "Print a page of the manual, or put all of them where man(1) looks.",
        discussion: """
            Pages are parley, one for each command such as parley-send, and parley-config.5 for the settings; without \
            PAGE they are listed. To read one at once: parley man send | man -l -
            """)

    @Argument(help: "The page.")
    var page: String?
    @Option(help: ArgumentHelp("Write all pages into man1 and man5 of this folder.", valueName: "dir"))
    var install: String?

    func run() throws {
        if let install {
            for page in ManualPage.all {
                try SmallFile.write(page.text, to: "\(install)/\(page.file)", isPublic: true)
            }
            return try Output.line("\(Text.shown(install)): \(ManualPage.all.count) pages")
        }
        guard let page else {
            for page in ManualPage.all {
                try Output.line("\(page.name).\(page.section)")
            }
            return
        }
        let names = [page, "parley-" + page]
        let wanted = ManualPage.all.first { names.contains($0.name) || names.contains("\($0.name).\($0.section)") }
        guard let wanted else {
            let near = Nearest.word(to: page, in: ManualPage.all.map(\.name)).map { "; did you mean \($0)?" } ?? ""
            throw Failure(.usage, "\(Text.shown(page)): there is no such page\(near); parley man lists them")
        }
        try Output.text(wanted.text)
    }
}
