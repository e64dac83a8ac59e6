import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.Scanner;
import java.util.regex.Pattern;

/** Whether java.util.regex finds a pattern: lines of pattern, blank, text, both in hexadecimal; answers one 0 or 1 each. */
class Find {
    public static void main(String[] arguments) {
        Scanner input = new Scanner(System.in, StandardCharsets.US_ASCII);
        StringBuilder answers = new StringBuilder();
        while (input.hasNextLine()) {
            String[] both = input.nextLine().split(" ", -1);
            answers.append(Pattern.compile(plain(both[0])).matcher(plain(both[1])).find() ? '1' : '0');
        }
        System.out.println(answers);
    }

    private static String plain(String text) {
        return new String(HexFormat.of().parseHex(text), StandardCharsets.UTF_8);
    }
}
