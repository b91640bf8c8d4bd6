package iris.interop;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;

import org.igniterealtime.smack.inttest.AbstractSmackSpecificLowLevelIntegrationTest;
import org.igniterealtime.smack.inttest.SmackIntegrationTestEnvironment;
import org.igniterealtime.smack.inttest.annotations.SmackIntegrationTest;
import org.jivesoftware.smack.StanzaCollector;
import org.jivesoftware.smack.filter.AndFilter;
import org.jivesoftware.smack.filter.FromMatchesFilter;
import org.jivesoftware.smack.filter.MessageWithBodiesFilter;
import org.jivesoftware.smack.packet.Message;
import org.jivesoftware.smack.tcp.XMPPTCPConnection;
import org.jivesoftware.smackx.delay.packet.DelayInformation;
import org.jivesoftware.smackx.mam.MamManager;
import org.jivesoftware.smackx.ping.PingManager;

/** What is said to a Smack that is cut off or away. Smack's own test of resumption looks at what the cut one says. */
public class CatchUpTest extends AbstractSmackSpecificLowLevelIntegrationTest<XMPPTCPConnection> {

    private static final int COUNT = 3;

    public CatchUpTest(SmackIntegrationTestEnvironment environment) {
        super(environment, XMPPTCPConnection.class);
    }

    /** XEP-0198 §5: all of it comes after resumption, once and in order. */
    @SmackIntegrationTest
    public void whatWasSaidIntoACutConnectionComes(XMPPTCPConnection conOne, XMPPTCPConnection conTwo) throws Exception {
        try (StanzaCollector heard = saidBy(conTwo, conOne)) {
            conOne.instantShutdown();
            List<String> said = say("into the gap", conTwo, conOne);
            conOne.connect().login();
            assertTrue(conOne.streamWasResumed());
            said.addAll(say("resumed", conTwo, conOne));
            assertEquals(said, texts(heard, said.size()));
        }
    }

    /** XEP-0160, XEP-0203, XEP-0313: it comes at the next login, with its time, and the archive ends with it. */
    @SmackIntegrationTest
    public void whatWasSaidWhileAwayComes(XMPPTCPConnection conOne, XMPPTCPConnection conTwo) throws Exception {
        try (StanzaCollector heard = saidBy(conTwo, conOne)) {
            conOne.disconnect();
            List<String> said = say("while away", conTwo, conOne);
            conOne.connect().login();
            List<String> came = new ArrayList<>();
            for (int i = 0; i < COUNT; i++) {
                Message message = next(heard);
                assertNotNull(DelayInformation.from(message), "a late message without its time");
                came.add(message.getBody());
            }
            assertEquals(said, came);
            MamManager archive = MamManager.getInstanceFor(conOne);
            assertTrue(archive.isSupported());
            List<String> archived = new ArrayList<>();
            for (Message message : archive.queryMostRecentPage(conTwo.getUser().asBareJid(), COUNT).getMessages()) {
                archived.add(message.getBody());
            }
            assertEquals(said, archived);
            assertEquals(0, heard.getCollectedCount(), "something came twice");
        }
    }

    private static StanzaCollector saidBy(XMPPTCPConnection speaker, XMPPTCPConnection listener) {
        return listener.createStanzaCollector(
            new AndFilter(MessageWithBodiesFilter.INSTANCE, FromMatchesFilter.createBare(speaker.getUser())));
    }

    /** Returns when the server has taken it all. */
    private List<String> say(String text, XMPPTCPConnection speaker, XMPPTCPConnection listener) throws Exception {
        List<String> said = new ArrayList<>();
        for (int i = 0; i < COUNT; i++) {
            said.add(text + ' ' + i + ' ' + testRunId);
            speaker.sendStanza(speaker.getStanzaFactory().buildMessageStanza().to(listener.getUser().asBareJid())
                .ofType(Message.Type.chat).setBody(said.get(i)).build());
        }
        assertTrue(PingManager.getInstanceFor(speaker).ping(speaker.getUser().asEntityBareJid()));
        return said;
    }

    private static List<String> texts(StanzaCollector heard, int count) throws Exception {
        List<String> texts = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            texts.add(next(heard).getBody());
        }
        assertEquals(0, heard.getCollectedCount(), "something came twice");
        return texts;
    }

    /** nextResultOrThrow() would end the collector. */
    private static Message next(StanzaCollector heard) throws Exception {
        Message message = heard.nextResult();
        assertNotNull(message, "a message did not come");
        return message;
    }
}
