package iris.interop;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import org.igniterealtime.smack.inttest.AbstractSmackIntegrationTest;
import org.igniterealtime.smack.inttest.SmackIntegrationTestEnvironment;
import org.igniterealtime.smack.inttest.annotations.SmackIntegrationTest;
import org.jivesoftware.smack.XMPPConnection;
import org.jivesoftware.smackx.iqprivate.PrivateDataManager;
import org.jivesoftware.smackx.iqprivate.packet.DefaultPrivateData;

/** XEP-0049, as Smack's own client of it sees it. Smack has no integration test for private data. */
public class PrivateDataTest extends AbstractSmackIntegrationTest {

    private static final String NAMESPACE = "urn:example:notes";

    public PrivateDataTest(SmackIntegrationTestEnvironment environment) {
        super(environment);
    }

    /** §2: each element is kept under its name and namespace, replaced by the next of the same, and is its owner's. */
    @SmackIntegrationTest
    public void eachElementIsKeptForItsOwner() throws Exception {
        keep(conOne, "notes", "milk, bread");
        keep(conOne, "other", "something else");
        assertEquals("milk, bread", kept(conOne, "notes"));
        keep(conOne, "notes", "nothing");
        assertEquals("nothing", kept(conOne, "notes"));
        assertEquals("something else", kept(conOne, "other"));
        assertNull(kept(conTwo, "notes"));
    }

    private static void keep(XMPPConnection connection, String element, String text) throws Exception {
        DefaultPrivateData data = new DefaultPrivateData(element, NAMESPACE);
        data.setValue("text", text);
        PrivateDataManager.getInstanceFor(connection).setPrivateData(data);
    }

    private static String kept(XMPPConnection connection, String element) throws Exception {
        DefaultPrivateData data =
            (DefaultPrivateData) PrivateDataManager.getInstanceFor(connection).getPrivateData(element, NAMESPACE);
        return data.getValue("text");
    }
}
