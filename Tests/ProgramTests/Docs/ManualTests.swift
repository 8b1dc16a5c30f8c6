import Foundation
import Testing

@testable import parley

@Suite("the manual")
struct ManualTests {
    @Test("has a page for the program, each command and the settings, with every option")
    func pages() {
        let names = ManualPage.all.map(\.name)
        #expect(Set(ManualPage.all.map(\.file)).count == names.count)
        for command in Parley.commandNames { #expect(names.contains("parley-\(command)"), "\(command)") }
        #expect(names.contains("parley") && names.contains("parley-config"))
        for command in ManualCommand.root.subcommands {
            let page = ManualPage.all.first { $0.name == command.name.replacing(" ", with: "-") }
            for each in [command] + command.subcommands {
                for name in each.arguments.flatMap(\.names)
                where command.subcommands.isEmpty || each.name != command.name {
                    #expect(page?.text.contains(name.replacing("-", with: "\\-")) == true, "\(each.name) \(name)")
                }
            }
        }
    }

    @Test("says something of every command and option, and names settings, codes and folders")
    func sentences() {
        func look(_ command: ManualCommand) {
            #expect(!command.sentence.isEmpty, "\(command.name)")
            for argument in command.arguments {
                #expect(!argument.sentence.isEmpty, "\(command.name) \(argument.names)")
            }
            command.subcommands.forEach(look)
        }
        look(.root)
        let settings = ManualPage.all.first { $0.section == 5 }?.text ?? ""
        for key in SettingKey.allCases { #expect(settings.contains(key.name + " = ")) }
        for key in RoomKey.allCases { #expect(settings.contains(".B \(key.rawValue)\n")) }
        for key in AppKey.allCases { #expect(settings.contains(".B \(key.rawValue)\n")) }
    }

    @Test("is nothing but requests and text that man(1) understands")
    func roff() {
        for page in ManualPage.all {
            for line in page.text.split(separator: "\n") where line.hasPrefix(".") {
                #expect(
                    [".TH", ".SH", ".TP", ".B", ".PP", ".br"].contains { line.hasPrefix($0) }, "\(page.name): \(line)")
            }
            #expect(page.text.allSatisfy { $0.isASCII }, "\(page.name)")
        }
    }

    @Test("keeps the lines of the help")
    func lines() {
        let page = ManualPage.all.first { $0.name == "parley-ask" }
        #expect(page?.text.contains("it is printed.\n.br\ndeclined (10): ") == true)
        #expect(page?.text.contains(".\n.PP\nThe desk's clock ") == true)
    }

    @Test("completions name every command and option", arguments: ["bash", "zsh", "fish"])
    func completions(shell: String) throws {
        let folder = try TestFolder()
        let script = try Program.run(["--generate-completion-script", shell], home: folder.path)
        #expect(script.code == 0, "\(script.errors)")
        for command in Parley.commandNames { #expect(script.output.contains(command), "\(command)") }
        for option in ["when-online", "choices", "format"] { #expect(script.output.contains(option)) }
    }

    @Test("help VERB is the verb's help", arguments: ["send", "ask", "doctor"])
    func help(verb: String) throws {
        let folder = try TestFolder()
        let help = try Program.run(["help", verb], home: folder.path)
        #expect(help.code == 0 && help.output.contains("parley \(verb)"), "\(help)")
    }
}
